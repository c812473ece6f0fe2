public import CairnBase
public import CairnConsensus
import CairnLedger
import CairnWire
public import CairnWitness

/// A node without a machine: consensus, the pool and the order of execution, composed into one value.
///
/// Consensus knows nothing of what it orders and the ledger nothing of how it was ordered; they meet here. A leader's
/// payload is taken from the pool, a voter's payload is checked before the vote, and final blocks go to the store one
/// after the other. The real shell and the simulator carry out the same effects.
public struct NodeCore<Hash: HashFunction>: ProtocolCore {
    public typealias Input = NodeInput
    public typealias Effect = NodeEffect

    public let chain: ChainID
    let hash: Hash
    let limits: Limits.Ledger

    public private(set) var consensus: Consensus<Hash>
    public private(set) var pool: TransactionPool
    /// The newest block that is executed and durable.
    public private(set) var executed: Height

    var recent = RecentBlocks()
    /// Proposed blocks whose transactions' signatures are being checked.
    var checking = OrderedMap<Digest, ProposedBlock>()
    /// Proposed blocks whose verdicts cannot be judged yet.
    var judging = OrderedMap<Digest, ProposedBlock>()
    /// What the challenges of these days came to, as far as it was heard here.
    public internal(set) var judge: Judge<Hash>
    /// What the storage rounds of these days came to, alike.
    public internal(set) var auditJudge: AuditJudge<Hash>
    var repairs = BlockRepairs()
    var receiptQuestions = ReceiptQuestions()
    var attendance = Attendance()
    /// Catching up, while that is needed.
    var sync: ChainSync<Hash>?
    var syncPeers = SyncPeers()
    var isSyncTimerSet = false
    /// Proven blocks that were handed on without consensus, which has yet to hear of them.
    var reached: [VerifiedFinality] = []
    var allowance = ServingAllowance()
    /// The highest block handed to the store.
    private(set) var handed: (height: Height, block: Digest)
    /// Connected nodes, in the order in which they are asked.
    var peers: [NodeID] = []
    var nextPeer = 0
    private var consensusEffects: [ConsensusEffect] = []

    public init(
        chain: ChainID, consensus: Consensus<Hash>, executed: Anchor, coverage: CoveragePast = .none,
        limits: Limits.Ledger = Limits.Ledger(), hash: Hash
    ) {
        self.chain = chain
        self.consensus = consensus
        self.executed = executed.height
        handed = (executed.height, executed.block)
        self.limits = limits
        self.hash = hash
        pool = TransactionPool(limits: limits)
        judge = Judge(chain: chain, origin: Randomness.origin(of: chain, using: hash), hash: hash)
        judge.begin(coverage)
        auditJudge = AuditJudge(chain: chain, hash: hash)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .consensus(let input): hear(input, at: now, into: &effects)
        case .submit(let submission): submit(submission, into: &effects)
        case .verified(let block, let transactions):
            verified(block, transactions, at: now, into: &effects)
        case .executed(let block): settle(block, at: now, into: &effects)
        case .peerJoined(let peer): join(peer, at: now, into: &effects)
        case .peerLeft(let peer): leave(peer)
        case .wanted(let request, let peer, let ticket):
            serve(request, to: peer, ticket, at: now, into: &effects)
        case .history(let answer, let request, let peer):
            receive(answer, to: request, from: peer, at: now, into: &effects)
        case .unanswered(let request, let peer): unanswered(request, by: peer, at: now, into: &effects)
        case .followed(let check): followed(check, at: now, into: &effects)
        case .coverage(let input): tell(input, at: now, into: &effects)
        case .receipts(let receipts, let wanted, let peer):
            receive(receipts, for: wanted, from: peer, at: now, into: &effects)
        case .audit(let input): tell(input, at: now, into: &effects)
        case .walkReceipts(let receipts, let wanted, let peer):
            receive(receipts, for: wanted, from: peer, at: now, into: &effects)
        case .damaged(let digest, let height): repair(digest, at: height, into: &effects)
        case .timer(.sync): syncTimer(at: now, into: &effects)
        }
    }

    /// What others send may hold blocks that consensus takes without asking for their payload to be judged, because a
    /// quorum was faster. Whoever leads next must know what they order.
    mutating func hear(_ input: consuming ConsensusInput, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .message(let message, _):
            if case .proposal(let proposal) = message.body {
                remember(proposal.block, proposal.digest)
                attendance.hear(proposal.digest, at: proposal.block.header.height)
            }
        case .blocks(let blocks):
            for block in blocks where block.isWhole(using: hash) {
                remember(block, block.header.digest(using: hash))
            }
        case .position(let position, let peer): note(position, of: peer, at: now, into: &effects)
        default: break
        }
        step(input, at: now, into: &effects)
    }

    /// Lets consensus take one step and answers what it asks of the rest of the node, until it asks nothing more.
    mutating func step(_ input: ConsensusInput, at now: Instant, into effects: inout [Effect]) {
        consensus.handle(input, at: now, into: &consensusEffects)
        let wanted = consensusEffects
        consensusEffects.removeAll(keepingCapacity: true)
        for effect in wanted {
            switch effect {
            case .requestPayload(let request): effects.append(.seal(request, payload(for: request)))
            case .validatePayload(let block, let digest): check(block, digest, at: now, into: &effects)
            case .commit(let commit): execute(commit, into: &effects)
            case .fetchBlock(let digest): fetch(digest, into: &effects)
            case .synchronise(_, let target): synchronise(to: target, at: now, into: &effects)
            case .persist(let persist):
                for case .block(let block) in persist.records {
                    remember(block, block.header.digest(using: hash))
                }
                effects.append(.consensus(effect))
            case .broadcast(.proposal(let proposal)):
                let header = proposal.proposal.block.header
                attendance.hear(header.digest(using: hash), at: header.height)
                effects.append(.consensus(effect))
            default: effects.append(.consensus(effect))
            }
        }
    }

    private mutating func submit(_ submission: Submission, into effects: inout [Effect]) {
        let answer = pool.insert(
            submission.transaction, id: submission.id, byteCount: submission.byteCount,
            sender: submission.sender, head: executed)
        effects.append(.answer(ticket: submission.ticket, answer))
        if answer.isAccepted { effects.append(.relay(submission.transaction)) }
    }

    /// A new neighbour is told of what waits here: it was not there when the others were.
    private mutating func join(_ peer: NodeID, at now: Instant, into effects: inout [Effect]) {
        peers.append(peer)
        syncPeers.join(peer)
        step(.met(peer), at: now, into: &effects)
        for entry in pool.oldest(Self.toldToNeighbours) {
            effects.append(.send(.transaction(entry.transaction.value), to: peer))
        }
    }

    private mutating func leave(_ peer: NodeID) {
        peers.removeAll { $0 == peer }
        syncPeers.leave(peer)
        receiptQuestions.leave(peer)
        sync?.forget(peer)
        allowance.forget(peer)
    }

    private static var toldToNeighbours: Int { 256 }

    private mutating func execute(_ commit: CairnConsensus.Commit, into effects: inout [Effect]) {
        for (place, block) in commit.blocks.enumerated() {
            let isLast = place == commit.blocks.count - 1
            let ancestry = commit.path.isEmpty ? [] : [block.header] + commit.path.dropLast()
            let proof = FinalityProof(ancestry: ancestry, finalization: commit.finalization.certificate)
            execute(block, isLast ? proof : nil, into: &effects)
        }
    }

    /// Hands a final block to the store. It may come from consensus and from catching up; the first is taken.
    mutating func execute(_ block: Block, _ proof: FinalityProof?, into effects: inout [Effect]) {
        guard block.header.height == handed.height.next else { return }
        let digest = block.header.digest(using: hash)
        handed = (block.header.height, digest)
        effects.append(
            .execute(
                ExecutableBlock(
                    block: block, digest: digest, transactions: recent[digest]?.transactions, proof: proof)))
    }

    private mutating func settle(_ block: ExecutedBlock, at now: Instant, into effects: inout [Effect]) {
        guard block.height > executed else { return }
        executed = block.height
        pool.settle(block.nonces, refused: block.refused, head: block.height)
        recent.removeAll(upTo: block.height)
        follow(block, at: now, into: &effects)
        if let plan = block.nextEpoch { step(.epochReady(plan), at: now, into: &effects) }
        advanceSync(at: now, into: &effects)
    }
}
