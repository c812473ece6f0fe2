import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness

/// What must be true of storage in a network of whole nodes.
///
/// N10: what an owner reads back is what it put. N11: every verdict in a block says what witnesses published; nobody
/// passes a round on what it had thrown away or never kept; and owners and pots pay for no more shards than were
/// shown. N12: of what an owner has and what lies for its objects, fees and pay are taken and nothing else. N13: a
/// piece that changed on the disk is found by the second look at it. N14: once faults have ceased, every object of
/// which there were always enough is held by all who should hold it, none of them one that has failed, and is read
/// back; rounds are passed and paid for.
struct NodeStorageJudge: Sendable {
    private struct Kept: Sendable {
        /// More shards were lost at one time than may be.
        var isBeyond = false
        var isRead = false
    }

    private struct Look: Sendable, Comparable {
        let process: ProcessID
        let root: Digest

        static func < (left: Look, right: Look) -> Bool { (left.process, left.root) < (right.process, right.root) }
    }

    private struct Proof: Sendable, Comparable {
        let epoch: Epoch
        let resource: ResourceID

        static func < (left: Proof, right: Proof) -> Bool {
            (left.epoch, left.resource) < (right.epoch, right.resource)
        }
    }

    private let world: NodeWorld
    private let depot: NodeDepot
    /// What witnesses published, by challenge.
    private var receipts = OrderedMap<Digest, [WalkReceipt]>()
    private var kept = OrderedMap<Digest, Kept>()
    /// Pieces that had changed when they were last looked at, which nobody noticed.
    private var unnoticed: OrderedSet<Look> = []
    private var shown = OrderedMap<Proof, OrderedSet<UInt32>>()
    private var isHealed = false
    private var hasPassed = false
    private var isPaid = false

    init?(_ world: NodeWorld) {
        guard let depot = world.depot else { return nil }
        self.world = world
        self.depot = depot
    }

    mutating func witnessed(_ receipt: SignedWalkReceipt) {
        receipts[receipt.receipt.challenge, default: []].append(receipt.receipt)
    }

    mutating func completed(_ object: Digest) { kept[object] = Kept() }

    mutating func readBack(_ object: Digest, isEqual: Bool) -> Violation? {
        guard isEqual else { return Violation("N10 read", "object \(object) is not what was put") }
        if isHealed { kept[object]?.isRead = true }
        return nil
    }

    mutating func scrubbed(
        _ name: PieceName, isWhole: Bool, by process: ProcessID, on host: Host<NodeProcess>
    ) -> Violation? {
        let look = Look(process: process, root: name.root)
        guard isWhole, !NodeProtocol.isWhole(name, on: host) else {
            unnoticed.remove(look)
            return nil
        }
        guard unnoticed.contains(look) else {
            unnoticed.insert(look)
            return nil
        }
        return Violation("N13 damage", "\(process) has looked twice at piece \(name.root), which has changed")
    }

    // MARK: - Blocks

    mutating func executed(
        _ header: Header, _ execution: Execution, _ transactions: [Transaction], from before: NodeChain,
        on chain: NodeChain
    ) -> Violation? {
        for result in execution.outcome.verdicts where result.outcome == .adopted {
            guard case .storage(let verdict) = result.verdict else { continue }
            if let fault = fault(in: verdict, by: before) {
                return Violation(
                    "N11 verdict", "block \(header.height) on \(verdict.height)/\(verdict.provider): \(fault)")
            }
        }
        if (try? chain.executor.isLast(header.height, on: chain)) == true,
            let fault = faultInPay(at: header.epoch, on: chain)
        {
            return Violation("N11 pay", "block \(header.height): \(fault)")
        }
        if let fault = faultInBooks(header.height, execution.outcome, transactions, from: before, on: chain) {
            return Violation("N12 escrow", "block \(header.height): \(fault)")
        }
        for object in kept.keys where kept[object]?.isBeyond == false {
            guard let record = chain.record(of: object) else { continue }
            let good = record.holders.count { $0.isHolding && !$0.isLost && !isFated($0, on: chain) }
            if good < depot.code.needed { kept[object]?.isBeyond = true }
        }
        return nil
    }

    private func isFated(_ holder: PrepaidObject.Holder, on chain: NodeChain) -> Bool {
        process(of: holder, on: chain).map { depot.isFated($0.index) } ?? true
    }

    private func process(of holder: PrepaidObject.Holder, on chain: NodeChain) -> ProcessID? {
        ((try? chain.state.node(of: holder)) ?? nil).flatMap { world.process(of: $0) }
    }

    // MARK: - N11

    private mutating func fault(in verdict: StorageVerdict, by chain: NodeChain) -> String? {
        guard let rules = (try? chain.state.load(.parameters)) ?? nil else { return "no rules" }
        let epoch = rules.epoch(of: verdict.height)
        guard let frozen = (try? chain.state.load(RecordKey<FrozenResource>.frozen(epoch, verdict.provider))) ?? nil
        else { return "nobody was asked" }
        let challenge = ChallengeKind.hotRound.challenge(
            of: frozen.id, profile: Profile.storageHot.rawValue, at: verdict.height, chain: world.chain,
            using: MixHash())
        let said = receipts[challenge] ?? []
        for walk in verdict.walks where walk.result != .noReceipt {
            let isSaid = said.contains {
                $0.witness == walk.witness && $0.partition == verdict.partition && $0.result.word == walk.result
            }
            guard isSaid else { return "witness \(walk.witness) did not say \(walk.result)" }
        }
        let heard = verdict.walks.compactMap { walk in WalkResult.allCases.first { $0.word == walk.result } }
        guard verdict.passed == (RoundTally.outcome(heard) == .passed) else { return "its walks say something else" }
        guard verdict.passed else { return nil }
        guard let number = depot.offered.indices.first(where: { depot.resource($0, on: world.chain) == frozen.id })
        else { return "nobody's resource" }
        if let fate = fateOfOld(number, at: verdict.height), fate.isBad { return "node \(number) \(fate) and passed" }
        shown[Proof(epoch: epoch, resource: frozen.id), default: []].insert(verdict.partition)
        if isHealed { hasPassed = true }
        return nil
    }

    /// What has become of a node for so long that everybody has noticed: a node may be some blocks behind the chain.
    private func fateOfOld(_ node: Int, at height: Height) -> HolderFate? {
        let margin: UInt64 = 40
        return depot.fate(of: node, at: height.preceding(by: min(margin, height.number)))
    }

    private mutating func faultInPay(at epoch: Epoch, on chain: NodeChain) -> String? {
        guard let rules = (try? chain.state.load(.parameters)) ?? nil, epoch.number >= rules.settlementLag else {
            return nil
        }
        let settled = Epoch(epoch.number - rules.settlementLag)
        for one in depot.offered where one.capacity != nil {
            let resource = depot.resource(one.number, on: world.chain)
            guard let reward = (try? chain.state.load(RecordKey<Reward>.reward(settled, resource))) ?? nil else {
                continue
            }
            let proven = UInt64(shown[Proof(epoch: settled, resource: resource)]?.count ?? 0)
            let most = NodeDepot.price.units * proven
            guard reward.paid.units + reward.burned.units <= most else {
                return "resource \(one.number) showed \(proven) shards in epoch \(settled) and got \(reward.paid)"
            }
            guard proven > 0 || reward.bootstrap == .zero else {
                return "resource \(one.number) showed nothing in epoch \(settled) and got \(reward.bootstrap)"
            }
            if isHealed, reward.paid > .zero { isPaid = true }
        }
        return nil
    }

    // MARK: - N12

    private func faultInBooks(
        _ height: Height, _ outcome: BlockOutcome, _ transactions: [Transaction], from before: NodeChain,
        on chain: NodeChain
    ) -> String? {
        guard let rules = (try? before.state.load(.parameters)) ?? nil else { return "there are no parameters" }
        var (old, new) = (before.balance(of: depot.purse.id), chain.balance(of: depot.purse.id))
        var taken: UInt64 = 0
        for change in outcome.changes {
            switch change.key.table {
            case .object:
                let known = before.decoded(change.key, as: PrepaidObject.self)
                old += known?.left.units ?? 0
                guard let record = chain.decoded(change.key, as: PrepaidObject.self) else {
                    taken += known.map { keeping($0, until: height, rules) } ?? 0
                    continue
                }
                new += record.left.units
                guard record.left.units + record.spent.units == record.deposited.units else {
                    return "an object has \(record.left) left and \(record.spent) spent of \(record.deposited)"
                }
            case .reward:
                guard let reward = chain.decoded(change.key, as: Reward.self) else { continue }
                taken += reward.paid.units + reward.burned.units
            case .ordered where change.key != RecordKey<ObjectList>.ordered(height).key:
                // Listed for a later block: a look for holders that the object pays for.
                let listed = before.decoded(change.key, as: ObjectList.self)?.ids ?? []
                let again = (chain.decoded(change.key, as: ObjectList.self)?.ids ?? []).filter { !listed.contains($0) }
                taken += UInt64(again.count) * rules[.feeMin]
            default: break
            }
        }
        let ids = transactions.map { $0.id(chain: world.chain, using: world.hash) }
        for receipt in outcome.receipts where receipt.outcome.isTaken {
            guard let place = ids.firstIndex(of: receipt.transaction) else { continue }
            let isWord =
                switch transactions[place].action {
                case .hold, .miss: true
                default: false
                }
            if isWord || transactions[place].sender == depot.purse.id { taken += receipt.fee.units }
        }
        return old == new + taken ? nil : "there were \(old), \(taken) were taken, \(new) are left"
    }

    /// What the space of an object cost that too few had when it ended: three periods at most, which are epochs here.
    private func keeping(_ object: PrepaidObject, until height: Height, _ rules: Parameters) -> UInt64 {
        let isHeld = object.holders.count { $0.isHolding } >= Int(object.order.needed)
        let grace = 3 * rules[.epochsPerPeriod] * rules[.epochBlocks]
        // Drawn two blocks after it was ordered. Later nothing is burned, whoever closes it.
        let isInGrace = height.number <= object.opened.number + 2 + grace
        guard !object.holders.isEmpty, !isHeld, isInGrace else { return 0 }
        let kept = rules.epoch(of: height).number - rules.epoch(of: object.opened).number
        let epochs = max(1, min(kept, 3 * rules[.epochsPerPeriod]))
        return min(object.left.units, object.order.price.units * UInt64(object.order.shards) * epochs)
    }

    // MARK: - N14

    mutating func healed() { isHealed = true }

    func hasConverged(_ hosts: [Host<NodeProcess>], on chain: NodeChain) -> Bool { lacking(hosts, on: chain) == nil }

    func lacking(_ hosts: [Host<NodeProcess>], on chain: NodeChain) -> String? {
        guard chain.height >= depot.fate.from else { return "the chain is not at height \(depot.fate.from)" }
        // The last to come true comes first: what follows reads whole pieces.
        guard hasPassed else { return "nobody passed a round" }
        guard isPaid else { return "nobody is paid for a shard" }
        guard let depositor = hosts[depot.depositor.index].process?.depositor else { return "the owner is gone" }
        for place in depositor.deposits.indices {
            let deposit = depositor.deposits[place]
            if deposit.isClosing || deposit.record?.closing != nil {
                guard deposit.record == nil else { return "object \(place) is not refunded" }
                continue
            }
            guard let id = depositor.id(of: place), let record = chain.record(of: id) else {
                return "object \(place) is not ordered"
            }
            if kept[id]?.isBeyond == true { continue }
            guard record.live > record.order.repairLevel else { return "object \(place) has \(record.live) holders" }
            for (shard, holder) in record.holders.enumerated() where !holder.isLost {
                guard holder.isHolding else { return "shard \(shard) of object \(place) is not held" }
                guard let node = process(of: holder, on: chain),
                    depot.fate(of: node.index, at: chain.height)?.isBad != true
                else { return "shard \(shard) of object \(place) is with one that has failed" }
                guard NodeProtocol.isWhole(deposit.names[shard], on: hosts[node.index]) else {
                    return "shard \(shard) of object \(place) is not whole at \(node)"
                }
            }
            guard let kept = kept[id], kept.isRead else { return "object \(place) is not read back" }
        }
        return nil
    }
}

extension WalkResult {
    /// As a verdict has it.
    fileprivate var word: StorageVerdict.Result {
        switch self {
        case .good: .good
        case .lateOrSilent: .lateOrSilent
        case .badLeaf, .badPath: .badLeafOrPath
        case .fullCheckUnanswered: .checkUnanswered
        case .fullCheckWrong: .checkWrong
        }
    }
}

extension NodeChain {
    func record(of object: Digest) -> PrepaidObject? {
        (try? state.load(RecordKey<PrepaidObject>.object(object))) ?? nil
    }

    fileprivate func balance(of account: AccountID) -> UInt64 {
        ((try? state.load(RecordKey<Account>.account(account))) ?? nil)?.balance.units ?? 0
    }

    fileprivate func decoded<Value: Record>(_ key: StateKey, as _: Value.Type) -> Value? {
        state.value(for: key).flatMap { try? Value.decode($0, limit: $0.count) }
    }
}
