public import CairnBase

public enum ConsensusInput: Sendable, Hashable {
    /// The first input. `recovered` is nil when key and log were made together and never used.
    case start(recovered: Recovered?, nonce: UInt64)
    case message(VerifiedMessage, from: NodeID)
    /// A connection stands: whatever was broadcast before did not reach this node.
    case met(NodeID)
    /// The head of a message whose body could not be verified here, because it is of another epoch.
    case position(ChainPosition, from: NodeID)
    case timer(ConsensusTimer)
    /// The records of a `persist` are durable; `signature` is that of its vote.
    case persisted(token: UInt64, signature: Signature?)
    case payloadReady(PayloadOffer)
    case payloadValidated(Digest, isValid: Bool)
    /// Answers to `fetchBlock`, whose digests speak for themselves.
    case blocks([Block])
    /// Everything up to the block of this finalization is executed.
    case synchronised(Anchor, VerifiedCertificate)
    case epochReady(EpochPlan)
}

/// What a sound sign log holds, in the order it was written. The edge has rewritten and synced its tail, so that all
/// of it is known to be durable.
public struct Recovered: Sendable, Hashable {
    public var votes: [Vote]
    public var certificates: [Certificate]
    public var blocks: [Block]
    public var isRetired: Bool
    /// The last block of this epoch that the chain's own store has executed; its finalization is among
    /// `certificates`. Nil when that is the block the epoch starts from.
    public var executed: Anchor?

    public init(
        votes: [Vote] = [], certificates: [Certificate] = [], blocks: [Block] = [], isRetired: Bool = false,
        executed: Anchor? = nil
    ) {
        self.votes = votes
        self.certificates = certificates
        self.blocks = blocks
        self.isRetired = isRetired
        self.executed = executed
    }
}
