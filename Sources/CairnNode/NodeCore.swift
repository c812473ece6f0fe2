public import CairnBase
public import CairnConsensus
import CairnLedger
import CairnWire

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
    var checking = OrderedMap<Digest, Block>()
    var catchUp: CatchUp?
    /// Connected nodes, in the order in which they are asked.
    var peers: [NodeID] = []
    var nextPeer = 0
    private var consensusEffects: [ConsensusEffect] = []

    public init(
        chain: ChainID, consensus: Consensus<Hash>, executed: Height, limits: Limits.Ledger = Limits.Ledger(),
        hash: Hash
    ) {
        self.chain = chain
        self.consensus = consensus
        self.executed = executed
        self.limits = limits
        self.hash = hash
        pool = TransactionPool(limits: limits)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .consensus(let input): hear(input, at: now, into: &effects)
        case .submit(let submission): submit(submission, into: &effects)
        case .verified(let block, let transactions):
            verified(block, transactions, at: now, into: &effects)
        case .executed(let block): settle(block, at: now, into: &effects)
        case .peerJoined(let peer): join(peer, into: &effects)
        case .peerLeft(let peer): peers.removeAll { $0 == peer }
        case .blockWanted(let digest, let peer): serve(digest, to: peer, into: &effects)
        case .range(let blocks, let peer): receive(blocks, from: peer, at: now, into: &effects)
        case .timer(.catchUp): catchUpTimer(at: now, into: &effects)
        }
    }

    /// What others send may hold blocks that consensus takes without asking for their payload to be judged, because a
    /// quorum was faster. Whoever leads next must know what they order.
    private mutating func hear(_ input: consuming ConsensusInput, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .message(let message, _):
            if case .proposal(let proposal) = message.body { remember(proposal.block, proposal.digest) }
        case .blocks(let blocks):
            for block in blocks where block.isWhole(using: hash) {
                remember(block, block.header.digest(using: hash))
            }
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
            case .commit(let commit): execute(commit.blocks, commit.finalization, into: &effects)
            case .fetchBlock(let digest): fetch(digest, into: &effects)
            case .synchronise(let anchor, let target): synchronise(from: anchor, to: target, at: now, into: &effects)
            case .persist(let persist):
                for case .block(let block) in persist.records {
                    remember(block, block.header.digest(using: hash))
                }
                effects.append(.consensus(effect))
            default: effects.append(.consensus(effect))
            }
        }
    }

    private mutating func submit(_ submission: Submission, into effects: inout [Effect]) {
        let answer = pool.insert(
            submission.transaction, id: submission.id, byteCount: submission.byteCount,
            nonce: submission.accountNonce, head: executed)
        effects.append(.answer(ticket: submission.ticket, answer))
        if answer.isAccepted { effects.append(.relay(submission.transaction)) }
    }

    /// A new neighbour is told of what waits here: it was not there when the others were.
    private mutating func join(_ peer: NodeID, into effects: inout [Effect]) {
        peers.append(peer)
        for entry in pool.oldest(Self.toldToNeighbours) {
            effects.append(.send(.transaction(entry.transaction.value), to: peer))
        }
    }

    private static var toldToNeighbours: Int { 256 }

    func execute(_ blocks: [Block], _ finalization: VerifiedCertificate, into effects: inout [Effect]) {
        for block in blocks {
            let digest = block.header.digest(using: hash)
            effects.append(
                .execute(
                    ExecutableBlock(
                        block: block, digest: digest, transactions: recent[digest]?.transactions,
                        finalization: finalization.certificate)))
        }
    }

    private mutating func settle(_ block: ExecutedBlock, at now: Instant, into effects: inout [Effect]) {
        guard block.height > executed else { return }
        executed = block.height
        pool.settle(block.nonces, head: block.height)
        recent.removeAll(upTo: block.height)
        if let plan = block.nextEpoch { step(.epochReady(plan), at: now, into: &effects) }
    }
}
