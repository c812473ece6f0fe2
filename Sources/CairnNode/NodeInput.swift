public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire
public import CairnWitness

/// What happens to a node, as its core is told.
public enum NodeInput: Sendable {
    /// Messages, timers and answers that are consensus's own.
    case consensus(ConsensusInput)
    case submit(Submission)
    /// The answer to `verify`: the block's transactions with checked signatures, or nothing if one was bad.
    case verified(block: Digest, [Verified<Transaction>]?)
    case executed(ExecutedBlock)
    case peerJoined(NodeID)
    case peerLeft(NodeID)
    /// A peer asks; the ticket names the question in the answer.
    case wanted(HistoryRequest, by: NodeID, ticket: UInt64)
    /// A part of the past, unproven until digests and signatures prove it.
    case history(HistoryAnswer, to: HistoryRequest, from: NodeID)
    /// A question of ours was not answered in time, or not at all.
    case unanswered(HistoryRequest, by: NodeID)
    /// The answer to `follow`.
    case followed(HandoffCheck)
    /// Something that gateways said, checked at the edge.
    case coverage(JudgeInput)
    /// The answer to a question for receipts, with checked signatures.
    case receipts([VouchedReveal], under: WantedReceipts, from: NodeID)
    /// What a witness of a storage round said, checked at the edge.
    case audit(AuditInput)
    /// The answer to a question for receipts that were about storage.
    case walkReceipts([Verified<SignedWalkReceipt>], under: WantedReceipts, from: NodeID)
    /// The store has a block's row that is damaged or gone, and knows which block it was; asked again until it is whole.
    case damaged(Digest, at: Height)
    case timer(NodeTimer)
}

/// What the node's core waits for beside consensus.
public enum NodeTimer: Sendable, Hashable {
    case sync
}

/// A transaction offered to the pool, with what the state says about its sender.
public struct Submission: Sendable {
    public let transaction: Verified<Transaction>
    public let id: Digest
    public let byteCount: Int
    public let sender: SenderState
    /// Names the offer in the answer.
    public let ticket: UInt64

    /// The ticket of a transaction that came from a peer, who is not told.
    public static let nobody: UInt64 = 0

    public init(
        transaction: Verified<Transaction>, id: Digest, byteCount: Int, sender: SenderState, ticket: UInt64
    ) {
        self.transaction = transaction
        self.id = id
        self.byteCount = byteCount
        self.sender = sender
        self.ticket = ticket
    }
}

/// A block that the store has executed and made durable.
public struct ExecutedBlock: Sendable {
    public let height: Height
    public let block: Digest
    /// The accounts whose transactions ran, with the nonces they need next.
    public let nonces: [(account: AccountID, nonce: UInt64)]
    /// The transactions in it that the rules refused, and that paid nothing.
    public let refused: [Digest]
    /// The chain's random value after it.
    public let randomness: Digest
    /// Those it adopted.
    public let verdicts: [Verdict]
    /// How the next epoch runs, after the last block of one.
    public let nextEpoch: EpochPlan?
    /// Whose coverage is judged in the next epoch, after the last block of one.
    public let coverage: CoverageView?
    /// The round of storage that begins with it.
    public let audits: [AuditRound]

    public init(
        height: Height, block: Digest, nonces: [(account: AccountID, nonce: UInt64)], refused: [Digest] = [],
        randomness: Digest, verdicts: [Verdict], nextEpoch: EpochPlan?, coverage: CoverageView?,
        audits: [AuditRound] = []
    ) {
        self.height = height
        self.block = block
        self.nonces = nonces
        self.refused = refused
        self.randomness = randomness
        self.verdicts = verdicts
        self.nextEpoch = nextEpoch
        self.coverage = coverage
        self.audits = audits
    }
}
