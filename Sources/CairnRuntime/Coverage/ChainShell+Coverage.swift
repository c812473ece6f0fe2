import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire
import CairnWitness

/// Coverage in a node's chain: what gateways say is checked and told to the judge.
extension ChainShell {
    /// From a peer, or from this node's own gateway.
    func hear(_ message: CoverageMessage, byteCount: Int, from node: NodeID?) {
        guard let claim = CoverageClaim(message, core.judge) else { return }
        verify(.coverage(claim), byteCount, from: node)
    }

    /// Says what this node's gateway has to say, to all peers and to this node's own judge.
    func publish(_ message: CoverageMessage) {
        hear(message, byteCount: 0, from: nil)
        broadcast(.coverage(message))
    }

    func carryOut(_ effect: JudgeEffect) {
        switch effect {
        case .accuse(let first, _):
            log.warn("a gateway made two commits to one challenge", ["witness": .count(Int(first.witness))])
        case .archive(let finished): archive.add(finished)
        }
    }
}

/// Verdicts that blocks have put into the state since this node started.
struct AdoptedVerdicts {
    private(set) var count: UInt64 = 0
    /// Those by which somebody earns something.
    private(set) var paying: UInt64 = 0
    private(set) var reasons = [UInt64](repeating: 0, count: 64)

    mutating func add(_ verdicts: [Verdict]) {
        for case .coverage(let verdict) in verdicts {
            count += 1
            if verdict.units > 0 || verdict.seats.contains(where: { $0.units > 0 }) { paying += 1 }
            for reason in verdict.reasons.list { reasons[Int(reason.rawValue)] += 1 }
        }
    }

    var json: JSON {
        let named = Reason.allCases.filter { reasons[Int($0.rawValue)] > 0 }
        return [
            "adopted": JSON(count), "paying": JSON(paying),
            "reasons": .object(named.map { JSON.Member("\($0)", JSON(reasons[Int($0.rawValue)])) }),
        ]
    }
}

// MARK: - What people are told

extension ChainShell {
    func describeCoverage(_ answer: @escaping (HTTPResponse) -> Void) {
        let own: [JSON.Member] = [
            .init("schema", "cairn.coverage/1"), .init("height", JSON(core.executed.number)),
            .init("followed", JSON(UInt64(core.judge.openCases))), .init("verdicts", adopted.json),
            .init(
                "dropped",
                .object(
                    JudgeRefusal.allCases.compactMap { refusal in
                        let count = core.judge.refusals[refusal.rawValue]
                        return count > 0 ? JSON.Member("\(refusal)", JSON(count)) : nil
                    })),
        ]
        read { store throws(StoreError) in
            do throws(StateError) {
                return .object(try store.settledCoverage())
            } catch {
                throw StoreError(error)
            }
        } _: { settled in
            guard let settled else { return answer(.problem(.unavailable, "too much is being looked up")) }
            answer(.json(.object(own + (settled.object ?? []))))
        }
    }
}

extension ChainStore {
    /// How far back the last settled epoch may lie.
    private static var epochsBack: UInt64 { 16 }
    private static var resourcesShown: UInt64 { 1_000 }

    /// The newest epoch whose coverage is paid, and what each resource got for it.
    fileprivate func settledCoverage() throws(StateError) -> [JSON.Member] {
        guard let head, let parameters = try state.load(RecordKey<Parameters>.parameters) else { return [] }
        let newest = parameters.epoch(of: head.height).number
        for back in 0...min(newest, Self.epochsBack) {
            let epoch = Epoch(newest - back)
            guard let result = try state.load(RecordKey<EpochResult>.result(epoch, .coverageRadio)) else { continue }
            return [
                .init("settled_epoch", JSON(epoch.number)), .init("pool_units", JSON(result.pool.units)),
                .init("rewards", .array(try rewards(of: epoch))),
            ]
        }
        return []
    }

    private func rewards(of epoch: Epoch) throws(StateError) -> [JSON] {
        var rewards: [JSON] = []
        let count = try state.load(RecordKey<Count>.resourceCount)?.value ?? 0
        for number in 0..<min(count, Self.resourcesShown) {
            guard let name = try state.load(RecordKey<ResourceName>.resourceName(UInt32(clamping: number))),
                let reward = try state.load(RecordKey<Reward>.reward(epoch, name.id)),
                reward.profile == .coverageRadio,
                let resource = try state.load(RecordKey<Resource>.resource(name.id))
            else { continue }
            rewards.append([
                "resource": .string("\(name.id)"), "controller": .string(resource.controller.text),
                "units": JSON(reward.units), "island_units": JSON(reward.islandUnits),
                "verdicts": JSON(UInt64(reward.verdicts)),
                "pay_units": JSON(reward.bootstrap.units), "held_units": JSON(reward.held.units),
                "trust_ppm": JSON(UInt64(reward.trust)), "quality_ppm": JSON(UInt64(reward.quality)),
            ])
        }
        return rewards
    }
}

extension CoveragePast {
    /// Reads what is needed to follow the challenges that are open after a height.
    init(
        through height: Height, of epoch: Epoch, _ executor: ChainExecutor<Blake2b>, _ chain: StoredChain
    ) throws(StateError) {
        var views: [CoverageView] = []
        for back in (0...Self.epochsBack).reversed() where epoch.number >= back {
            if let view = try executor.coverage(of: Epoch(epoch.number - back), on: chain) { views.append(view) }
        }
        var blocks: [(height: Height, randomness: Digest)] = []
        let first = height.number - min(height.number, UInt64(ChainRandomness.kept))
        for number in first + 1..<height.number + 1 {
            guard let header = try chain.header(at: Height(number)) else { continue }
            blocks.append((Height(number), header.randomness.next(using: Blake2b())))
        }
        self.init(views: views, blocks: blocks)
    }

    /// Verdicts come up to forty blocks after their challenge; an epoch has at least twenty.
    private static var epochsBack: UInt64 { 2 }
}
