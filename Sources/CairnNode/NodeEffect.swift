public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

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
    /// Tell the neighbours of a transaction that is new here.
    case relay(Verified<Transaction>)
    case answer(ticket: UInt64, TransactionPool.Answer)
    case send(NodeMessage, to: NodeID)
    /// Look into the store for a block that is not in memory, and send it if it is there.
    case serveBlock(Digest, to: NodeID)
    case setTimer(NodeTimer, at: Instant)
}

/// A final block on its way to the store.
public struct ExecutableBlock: Sendable {
    public let block: Block
    public let digest: Digest
    /// Its transactions, if their signatures were checked here when the block was proposed.
    public let transactions: [Verified<Transaction>]?
    /// Makes it final, itself or through a later block.
    public let finalization: Certificate
}
