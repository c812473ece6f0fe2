public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire
public import CairnWitness

/// What a node's core wants done, in order.
public enum NodeEffect: Sendable {
    /// Consensus's own effects, except for those the core answers itself: payloads and commits.
    case consensus(ConsensusEffect)
    /// Complete a block we lead: add the time and the proof of its randomness, and answer `payloadReady`.
    case seal(PayloadRequest, Payload)
    /// Check the signatures of a proposed block's transactions and answer `verified`.
    case verify(block: Digest, [Transaction])
    /// Execute the next final block, make it and its effects durable together, and answer `executed`.
    case execute(ExecutableBlock)
    /// What came of challenges.
    case coverage(JudgeEffect)
    /// What a round of storage asks for.
    case audit(AuditEffect)
    /// A proposed block got no vote because of its verdicts.
    case refusedVerdicts(Digest, VerdictFault)
    /// Tell the neighbours of a transaction that is new here.
    case relay(Verified<Transaction>)
    case answer(ticket: UInt64, TransactionPool.Answer)
    case send(NodeMessage, to: NodeID)
    /// Ask a peer for a part of the past, and answer `history` or `unanswered`.
    case ask(HistoryRequest, of: NodeID)
    /// Answer a peer's question: that it is not here, or not to be had now, where there is nothing.
    case reply(HistoryAnswer?, ticket: UInt64)
    /// Look into the store for the answer to a peer's question.
    case serve(HistoryRequest, ticket: UInt64)
    /// Check how far these lead, and answer `followed`.
    case follow(LightClient, [Handoff], from: NodeID)
    /// It told something that was shown to be false: have nothing to do with it for a while.
    case distrust(NodeID)
    /// A block of the past that was wanted because it lies damaged here; its digest is that of its bytes.
    case repair(Block, digest: Digest)
    case setTimer(NodeTimer, at: Instant)
}

/// A final block on its way to the store.
public struct ExecutableBlock: Sendable {
    public let block: Block
    public let digest: Digest
    /// Its transactions, if their signatures were checked here when the block was proposed.
    public let transactions: [Verified<Transaction>]?
    /// Shows that it is final; nil where that of a later block covers it.
    public let proof: FinalityProof?
}
