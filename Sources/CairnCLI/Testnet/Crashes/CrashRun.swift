import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

/// Kills the nodes of a running testnet, one after the other and again and again, while transfers come in.
///
/// A cycle hands in transfers, some to the node that is about to die, kills it without warning at a moment of chance,
/// reads what it had signed, starts it again, and waits until it has caught up with where the others were and has
/// voted.
struct CrashRun {
    /// How one restart went, from the start of the process.
    struct Recovery: Sendable {
        /// Until it answers: the disks are read and checked, and what the log holds is replayed.
        let replay: TimeSpan
        /// From then until it has caught up and a vote of its own is durable.
        let back: TimeSpan
    }

    /// What one cycle came to, and what the whole run has come to with it.
    struct Cycle: Sendable {
        let victim: String
        let height: UInt64
        let recovery: Recovery
        let acknowledged: Int
        /// How many of those the node that came back has found in blocks.
        let inBlocks: Int
        let votes: Int
        let contradictions: Int

        var sentence: String {
            "\(victim) killed at height \(height): replay \(recovery.replay.milliseconds) ms, back in "
                + "consensus \(recovery.back.milliseconds) ms later; \(acknowledged) transfers acknowledged, \(inBlocks) in blocks; "
                + "\(votes) votes read, \(contradictions) conflicting"
        }
    }

    let start: TestnetStart
    let genesis: Genesis
    private(set) var traffic: CrashTraffic
    private(set) var votes: VoteAudit
    private(set) var recoveries: [Recovery] = []
    private var random: SeededRandom

    private static let patience = TimeSpan.seconds(60)
    private static let transfersPerCycle = 2

    init(_ start: TestnetStart, seed: UInt64) throws(Failure) {
        self.start = start
        genesis = try start.testnet.genesis()
        guard let votes = VoteAudit(genesis) else {
            throw Failure(.genesisInvalid, "the founders of this testnet are no committee")
        }
        self.votes = votes
        random = SeededRandom(seed: seed)
        traffic = try CrashTraffic(
            start.testnet.manifest, chain: genesis.chain(using: Blake2b()),
            at: Self.client(start.testnet, 0))
    }

    /// The nodes that are killed: the validators.
    var validators: Range<Int> { genesis.validators.indices }

    mutating func cycle() throws(Failure) -> Cycle {
        let victim = Int(random.below(UInt64(validators.count)))
        let others = validators.filter { $0 != victim }
        let height = try others.map { other throws(Failure) in try chain(of: other).height }.max() ?? 0
        for place in 0..<Self.transfersPerCycle {
            let sender = Int(random.below(UInt64(validators.count)))
            // The first goes to the one that dies, so that what it said yes to last is the least likely to be elsewhere.
            let order = place == 0 ? [victim] + others : others
            if place == 1 { pause(.milliseconds(random.below(1_000))) }
            traffic.send(from: sender, to: order.map { Self.client(start.testnet, $0) }, at: height)
        }
        try kill(victim)
        try readLog(of: victim)
        let recovery = try bringBack(victim, others)
        recoveries.append(recovery)
        return Cycle(
            victim: start.testnet.manifest.nodes[victim].name, height: height, recovery: recovery,
            acknowledged: traffic.accepted.count,
            inBlocks: traffic.settledCount(at: Self.client(start.testnet, victim)), votes: votes.voteCount,
            contradictions: votes.contradictions.count)
    }

    private func kill(_ index: Int) throws(Failure) {
        let node = start.testnet.manifest.nodes[index]
        guard let process = start.testnet.process(of: node) else {
            throw Failure(
                .testnetStep, "node \(node.name) ended by itself", do: Hint(start.testnet.directory.log(of: node)))
        }
        process.signal(.kill)
        guard process.waitForEnd(until: Clock.monotonic() + Self.patience) else {
            throw Failure(.testnetStep, "node \(node.name) was killed and does not end")
        }
    }

    /// What a validator that does not run has signed.
    mutating func readLog(of index: Int) throws(Failure) {
        let node = start.testnet.manifest.nodes[index]
        let deadline = Clock.monotonic() + Self.patience
        while true {
            do throws(SignLogError) {
                return try votes.read(
                    signLogIn: start.testnet.home(of: node).path, of: genesis.validators[index].keys.vote)
            } catch {
                // A thread of the dead process can still be in the kernel with a sync, and holds the lock until then.
                guard case .locked = error, Clock.monotonic() < deadline else {
                    throw Failure(.testnetStep, "the sign log of node \(node.name): \(error)")
                }
                pause(.milliseconds(5))
            }
        }
    }

    private func bringBack(_ index: Int, _ others: [Int]) throws(Failure) -> Recovery {
        let node = start.testnet.manifest.nodes[index]
        // One of the others may not answer in time on a busy machine; the rest tell where the chain is.
        let height = others.compactMap { try? chain(of: $0).height }.max() ?? 0
        let begin = Clock.monotonic()
        try start.start(node)
        var answered: Instant?
        while true {
            let report = start.testnet.state(of: node, timeout: .seconds(2)).report
            if report != nil, answered == nil { answered = Clock.monotonic() }
            if let chain = report?.chain, let answered, chain.height >= height, chain.hasVoted {
                return Recovery(replay: answered.since(begin), back: Clock.monotonic().since(answered))
            }
            guard start.testnet.process(of: node) != nil else {
                throw Failure(
                    .testnetStep, "node \(node.name) did not come back", do: Hint(start.testnet.directory.log(of: node))
                )
            }
            guard Clock.monotonic().since(begin) < Self.patience else {
                throw Failure(
                    .testnetStep, "node \(node.name) does not take part \(Self.patience.plain) after its restart",
                    do: Hint(start.testnet.directory.log(of: node)))
            }
            pause(.milliseconds(2))
        }
    }

    /// Waits until every validator has executed all that was accepted; false when that does not happen.
    func settle() -> Bool {
        let deadline = Clock.monotonic() + Self.patience
        while Clock.monotonic() < deadline {
            if validators.allSatisfy({ traffic.isSettled(at: Self.client(start.testnet, $0)) }) { return true }
            pause(.milliseconds(100))
        }
        return false
    }

    /// Takes in the certificates of one chain; afterwards all that was seen signed is in `votes`.
    mutating func readChain(_ audit: ChainAudit) throws(Failure) {
        try audit.readCertificates(into: &votes)
    }

    private func chain(of index: Int) throws(Failure) -> NodeReport.Chain {
        guard let chain = try Self.client(start.testnet, index).report().chain else {
            throw Failure(.noChain, "node \(start.testnet.manifest.nodes[index].name) takes part in no chain")
        }
        return chain
    }

    private static func client(_ testnet: Testnet, _ index: Int) -> NodeClient {
        NodeClient(socket: testnet.home(of: testnet.manifest.nodes[index]).controlSocket, timeout: .seconds(5))
    }
}
