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
    private var checking = OrderedMap<Digest, Block>()
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
        case .consensus(let input): step(input, at: now, into: &effects)
        case .submit(let submission): submit(submission, into: &effects)
        case .verified(let block, let transactions):
            verified(block, transactions, at: now, into: &effects)
        case .executed(let block): settle(block, at: now, into: &effects)
        case .peerJoined(let peer): peers.append(peer)
        case .peerLeft(let peer): peers.removeAll { $0 == peer }
        case .blockWanted(let digest, let peer): serve(digest, to: peer, into: &effects)
        case .range(let blocks, let peer): receive(blocks, from: peer, at: now, into: &effects)
        case .timer(.catchUp): catchUpTimer(at: now, into: &effects)
        }
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
                for case .block(let block) in persist.records { remember(block) }
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

    private func payload(for request: PayloadRequest) -> Payload {
        guard !request.mustBeEmpty else { return .empty }
        let chosen = pool.select(
            byteLimit: ConsensusLimits.payloadBytes - BlockPayload.overhead,
            overhead: BlockPayload.overheadPerTransaction, countLimit: limits.transactionsPerBlock,
            head: request.height.preceding(), excluding: recent.pending(through: request.parent))
        return BlockPayload(transactions: chosen.map(\.transaction.value)).payload
    }

    /// Judges a proposed payload without state: it must be well formed and its signatures good. Those that the pool has
    /// checked are not checked again.
    private mutating func check(_ block: Block, _ digest: Digest, at now: Instant, into effects: inout [Effect]) {
        guard let payload = try? BlockPayload(block.payload, limits: limits),
            payload.transactions.allSatisfy({ $0.chainPrefix == chain.prefix }),
            // Nothing here holds receipts yet, and a verdict nobody recomputed gets no vote.
            payload.verdicts.isEmpty
        else { return step(.payloadValidated(digest, isValid: false), at: now, into: &effects) }
        if let known = pooled(payload.transactions) {
            return accept(block, digest, known, at: now, into: &effects)
        }
        checking[digest] = block
        if checking.count > RecentBlocks.capacity { _ = checking.popFirst() }
        effects.append(.verify(block: digest, payload.transactions))
    }

    private mutating func verified(
        _ digest: Digest, _ transactions: [Verified<Transaction>]?, at now: Instant, into effects: inout [Effect]
    ) {
        guard let block = checking.removeValue(forKey: digest) else { return }
        guard let transactions else {
            return step(.payloadValidated(digest, isValid: false), at: now, into: &effects)
        }
        accept(block, digest, transactions, at: now, into: &effects)
    }

    private mutating func accept(
        _ block: Block, _ digest: Digest, _ transactions: [Verified<Transaction>], at now: Instant,
        into effects: inout [Effect]
    ) {
        remember(block, digest, transactions)
        step(.payloadValidated(digest, isValid: true), at: now, into: &effects)
    }

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

    /// Keeps a block of our own, or one fetched, if everything in it is known to be good.
    private mutating func remember(_ block: Block) {
        let digest = block.header.digest(using: hash)
        guard recent[digest] == nil, let payload = try? BlockPayload(block.payload, limits: limits),
            let known = pooled(payload.transactions)
        else { return }
        remember(block, digest, known)
    }

    private mutating func remember(_ block: Block, _ digest: Digest, _ transactions: [Verified<Transaction>]) {
        guard block.header.height > executed else { return }
        recent.insert(
            RecentBlocks.Entry(
                block: block, transactions: transactions,
                ids: transactions.map { $0.value.id(chain: chain, using: hash) }), for: digest)
    }

    /// The same transactions as the pool has checked them, if it holds every one, signatures included.
    private func pooled(_ transactions: [Transaction]) -> [Verified<Transaction>]? {
        var known: [Verified<Transaction>] = []
        for transaction in transactions {
            guard let entry = pool[transaction.sender, transaction.nonce], entry.transaction.value == transaction
            else { return nil }
            known.append(entry.transaction)
        }
        return known
    }
}
