import CairnBase
import CairnConsensus
import CairnCrypto
import CairnGossip
import CairnLedger
import CairnNode
import CairnStore
import CairnWire
import CairnWitness

/// Coverage in a node's chain: what gateways say is checked and told to the judge.
extension ChainShell {
    /// Says what this node's gateway has to say, to everybody and to this node's own judge.
    func publish(_ message: CoverageMessage) {
        if let claim = CoverageClaim(message, core.judge) { verify(.coverage(claim), 0, from: nil) }
        pubSub?.publish(.receipts, message.encoded)
    }

    /// Whether what a witness published is passed on. What is about no open challenge, or known, is nobody's fault: it may
    /// have been on its way for a while.
    func judgeReceipt(
        _ message: GossipMessage, from node: NodeID, _ answer: @escaping (MessageJudgement) -> Void
    ) {
        let said: WitnessMessage
        do throws(DecodeError) {
            said = try WitnessMessage.decode(message.data, limit: message.data.count)
        } catch {
            return answer(error.judgement)
        }
        switch said {
        case .coverage(let statement): judgeCoverage(statement, in: message, from: node, answer)
        case .walk(let receipt): judgeAudit(receipt, in: message, from: node, answer)
        }
    }

    private func judgeCoverage(
        _ statement: CoverageMessage, in message: GossipMessage, from node: NodeID,
        _ answer: @escaping (MessageJudgement) -> Void
    ) {
        guard core.judge.isNew(statement), let claim = CoverageClaim(statement, core.judge) else {
            return answer(.ignore)
        }
        check(message, .coverage(claim), from: node) { [weak self] verdict in
            guard let self, case .coverage(let input) = verdict else { return answer(verdict.judgement) }
            handle(.coverage(input))
            answer(.accept)
        }
    }

    func carryOut(_ effect: JudgeEffect) {
        switch effect {
        case .accuse(let first, _):
            log.warn("a gateway made two commits to one challenge", ["witness": .count(Int(first.witness))])
        // Nobody can appeal yet, and nothing here asks for old receipts.
        case .archive: break
        }
    }
}

/// Verdicts that blocks have put into the state since this node started.
struct AdoptedVerdicts {
    private(set) var count: UInt64 = 0
    /// Those by which somebody earns something.
    private(set) var paying: UInt64 = 0
    private(set) var reasons = [UInt64](repeating: 0, count: 64)
    /// Why the word of single witnesses did not count, or not fully.
    private(set) var witnessReasons = [UInt64](repeating: 0, count: 64)

    mutating func add(_ verdicts: [Verdict]) {
        for verdict in verdicts {
            count += 1
            for reason in verdict.reasons.list { reasons[Int(reason.rawValue)] += 1 }
            switch verdict {
            case .coverage(let verdict):
                if verdict.units > 0 || verdict.seats.contains(where: { $0.units > 0 }) { paying += 1 }
                for reason in verdict.seats.flatMap(\.reasons.list) { witnessReasons[Int(reason.rawValue)] += 1 }
            case .storage(let verdict): if verdict.passed { paying += 1 }
            }
        }
    }

    var json: JSON {
        [
            "adopted": JSON(count), "paying": JSON(paying), "reasons": Self.named(reasons),
            "witness_reasons": Self.named(witnessReasons),
        ]
    }

    private static func named(_ counts: [UInt64]) -> JSON {
        let named = Reason.allCases.filter { counts[Int($0.rawValue)] > 0 }
        return .object(named.map { JSON.Member("\($0)", JSON(counts[Int($0.rawValue)])) })
    }
}

// MARK: - What people are told

extension ChainShell {
    var coverageStatus: JSON {
        let refused = JudgeRefusal.allCases.filter { core.judge.refusals[$0.rawValue] > 0 }
        return [
            "schema": "cairn.coverage/1", "height": JSON(core.executed.number),
            "followed": JSON(UInt64(core.judge.openCases)), "verdicts": adopted.json,
            "dropped": .object(refused.map { JSON.Member("\($0)", JSON(core.judge.refusals[$0.rawValue])) }),
        ]
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
