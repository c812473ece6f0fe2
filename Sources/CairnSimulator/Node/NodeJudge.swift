public import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWire

/// What must be true of a network of whole nodes, whatever happens to it.
///
/// N1: one block per height and the state that an execution apart from all nodes gives it. N2: every node executes
/// heights in order. N3: no validator signs two things that must not both be. N4: the books balance after every block
/// (I1, I2, I6), and all invariants of a whole state hold at the end. N5: nobody honest is taken for a liar, nor
/// stops. N6: once faults have ceased, the chain grows everywhere, whoever was seen to vote twice is punished, and
/// what users were told is in, is in a block: it, or another of the same account and nonce, where a user who heard no
/// answer signed again. Nobody else is accused. So must what `NodeReadsJudge` says and, where there is radio or
/// storage, what `NodeAirJudge` and `NodeStorageJudge` say.
public struct NodeJudge: Checker {
    private let world: NodeWorld
    /// An execution of the chain that belongs to no node.
    private var reference: NodeChain
    private var roots: [Digest] = []
    private var heights = OrderedMap<ProcessID, Height>()
    private var votes = VoteBook()
    /// By whom users were told that a transaction is in that no block holds yet.
    private var accepted = OrderedMap<Promise, ProcessID>()
    private var core: [ProcessID] = []
    /// What nodes of the core had told users when faults ceased. Users go on, so there is always something under way.
    private var owed = OrderedMap<Promise, ProcessID>()
    private var healedHeight = Height.genesis
    private var reads: NodeReadsJudge
    private var air: NodeAirJudge?
    private var storage: NodeStorageJudge?

    init(_ world: NodeWorld) {
        self.world = world
        reference = NodeChain(world)
        reads = NodeReadsJudge(world, reference)
        air = NodeAirJudge(world)
        storage = NodeStorageJudge(world)
    }

    public mutating func observe(_ step: Step<NodeProcess>, hosts: [Host<NodeProcess>]) -> Violation? {
        for case .observe(let observation) in step.effects {
            if let violation = judge(observation, of: step.process, hosts) { return violation }
        }
        return nil
    }

    private mutating func judge(
        _ observation: NodeProcess.Observation, of process: ProcessID, _ hosts: [Host<NodeProcess>]
    ) -> Violation? {
        switch observation {
        case .signed(let vote):
            let statement = vote.statement
            guard let contradiction = votes.add(statement, by: process) else { return nil }
            let place = "\(process) in epoch \(statement.epoch) view \(statement.view)"
            return Violation("N3 contradiction", "\(place): \(contradiction.rawValue)")
        case .executed(let block, let root): return executed(block, root, by: process)
        case .unsoundBlock(let height): return Violation("N1 sound", "\(process): final block \(height) is not")
        case .accepted(let account, let nonce):
            if nonce >= reference.nonce(of: account) { accepted[Promise(account: account, nonce: nonce)] = process }
            return nil
        case .told(let account, let record, let height):
            return reads.told(account, record, at: height, by: process, on: reference)
        case .distrusted(let node):
            guard let peer = world.process(of: node), !world.isLiar(peer) else { return nil }
            return Violation("N5 distrust", "\(process) takes \(peer) for a liar")
        case .evidence(let key):
            guard let index = world.members.firstIndex(where: { $0.vote.publicKey == key }) else { return nil }
            return isTwoFaced(ProcessID(index))
                ? nil : Violation("N5 evidence", "\(process) accuses \(ProcessID(index))")
        case .stopped(let reason):
            // Others remember more of its votes than it does.
            return isTwoFaced(process) ? nil : Violation("N5 stopped", "\(process): \(reason)")
        case .said(let message): return air?.said(message, by: process)
        case .restored(let promises): return air?.restored(promises, by: process)
        case .witnessed(let receipt):
            storage?.witnessed(receipt)
            return nil
        case .completed(let object):
            storage?.completed(object)
            return nil
        case .readBack(let object, let isEqual): return storage?.readBack(object, isEqual: isEqual)
        case .scrubbed(let name, let isWhole):
            return storage?.scrubbed(name, isWhole: isWhole, by: process, on: hosts[process.index])
        case .received(let reception, let radio):
            air?.received(reception, by: radio)
            return nil
        }
    }

    private mutating func executed(_ block: Block, _ root: Digest, by process: ProcessID) -> Violation? {
        let height = block.header.height
        if let last = heights[process], height != last.next {
            return Violation("N2 order", "\(process) went from height \(last) to \(height)")
        }
        heights[process] = height
        if height == reference.height.next, let violation = extend(block) { return violation }
        guard let known = reference.block(at: height), known == block else {
            return Violation("N1 agreement", "\(process) has another block at height \(height), or skipped one")
        }
        guard roots[Int(height.number) - 1] == root else {
            return Violation("N1 state", "\(process) has another state at height \(height)")
        }
        return nil
    }

    private mutating func extend(_ block: Block) -> Violation? {
        guard let payload = try? BlockPayload(block.payload, limits: Limits.Ledger()) else {
            return Violation("N1 sound", "block \(block.header.height) cannot be read")
        }
        let transactions = payload.transactions.compactMap { world.verified($0) }
        guard transactions.count == payload.transactions.count else {
            return Violation("N1 sound", "block \(block.header.height) holds what nobody signed")
        }
        guard payload.verdicts.isEmpty || air != nil || storage != nil else {
            return Violation("N1 sound", "block \(block.header.height) holds an invented verdict")
        }
        let before = reference
        guard let execution = try? reference.execute(block, nil, transactions, payload.verdicts) else {
            return Violation("N1 sound", "block \(block.header.height) cannot be executed")
        }
        roots.append(execution.outcome.root)
        reads.executed(reference)
        for transaction in payload.transactions {
            let kept = Promise(account: transaction.sender, nonce: transaction.nonce)
            accepted.removeValue(forKey: kept)
            owed.removeValue(forKey: kept)
        }
        let opensEpoch = (try? before.executor.isLast(before.height, on: before)) ?? false
        let findings = try? auditStep(execution.outcome.changes, from: before.state, opensEpoch: opensEpoch)
        guard let findings, findings.isEmpty else {
            return Violation("N4 books", "block \(block.header.height): \(findings.map { "\($0)" } ?? "unreadable")")
        }
        let adopted = execution.outcome.verdicts.filter { $0.outcome == .adopted }.map(\.verdict)
        return air?.executed(block.header, adopted, on: reference)
            ?? storage?.executed(block.header, execution, payload.transactions, from: before, on: reference)
    }

    private func isTwoFaced(_ process: ProcessID) -> Bool { world.liars[process.index] == .twoVotes }

    public mutating func stopped(_ process: ProcessID, at _: Instant) { heights[process] = nil }

    public mutating func healed(core: [ProcessID], at _: Instant) {
        self.core = core.filter { !world.isLiar($0) }
        healedHeight = reference.height
        air?.healed()
        storage?.healed()
        // A node outside the core may keep to itself what it was told.
        for (promise, process) in accepted where self.core.contains(process) { owed[promise] = process }
    }

    public func hasConverged(_ hosts: [Host<NodeProcess>]) -> Bool {
        owed.isEmpty && unpunished(hosts).isEmpty && (air?.hasConverged ?? true)
            && (storage?.hasConverged(hosts, on: reference) ?? true)
            && core.allSatisfy { height(of: $0, hosts) >= healedHeight.advanced(by: 3) }
    }

    /// What honest founders, who report it, have seen of validators that vote twice, and the chain has not punished.
    private func unpunished(_ hosts: [Host<NodeProcess>]) -> [Contradiction] {
        core.filter { $0.index < world.founders }.flatMap { hosts[$0.index].process?.server?.evidence ?? [] }
            .filter { !reference.hasPunished($0) }
    }

    private func height(of process: ProcessID, _ hosts: [Host<NodeProcess>]) -> Height {
        hosts[process.index].process?.server?.chain.height ?? .genesis
    }

    public func lacking(_ hosts: [Host<NodeProcess>]) -> String {
        let heights = core.map { "\($0) at \(height(of: $0, hosts))" }
        let promises = owed.prefix(3).map { "\($0.value) told \($0.key.account) of nonce \($0.key.nonce)" }
        let free = unpunished(hosts).prefix(1).map { "who voted twice in view \($0.view) goes free" }
        let unpaid = air.flatMap { $0.hasConverged ? nil : $0.lacking }.map { [$0] } ?? []
        let unheld = storage?.lacking(hosts, on: reference).map { [$0] } ?? []
        return
            "healed at height \(healedHeight), \((heights + promises + free + unpaid + unheld).joined(separator: ", "))"
    }

    public mutating func finish(_: [Host<NodeProcess>]) -> Violation? {
        let findings = audit(reference.state.entries)
        return findings.isEmpty ? nil : Violation("N4 books", "\(findings)")
    }
}

/// A transaction that a user was told is in.
private struct Promise: Sendable, Comparable {
    let account: AccountID
    let nonce: UInt64

    static func < (left: Promise, right: Promise) -> Bool {
        (left.account, left.nonce) < (right.account, right.nonce)
    }
}
