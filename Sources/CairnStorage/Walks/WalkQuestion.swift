public import CairnBase
internal import CairnWire

/// What one witness asks one provider about one partition.
///
/// The nonce is the output of the witness's verifiable random function: neither could choose it, and the walk cannot
/// start before it is known.
public struct WalkQuestion: Sendable, Hashable {
    public let chain: ChainID
    public let challenge: Digest
    public let provider: Digest
    public let partition: UInt32
    public let witness: Digest
    public let nonce: Bytes32

    public init(
        chain: ChainID, challenge: Digest, provider: Digest, partition: UInt32, witness: Digest, nonce: Bytes32
    ) {
        self.chain = chain
        self.challenge = challenge
        self.provider = provider
        self.partition = partition
        self.witness = witness
        self.nonce = nonce
    }

    private static let startTag = DomainTag("cn/por")
    public static let answerTag = DomainTag("cn/sig.walk")

    /// c₀, where the walk starts.
    public func start(using hash: some HashFunction) -> Digest {
        var writer = ByteWriter()
        writer.identifier(chain)
        writer.identifier(challenge)
        writer.identifier(provider)
        writer.u32(partition)
        writer.identifier(witness)
        writer.bytes32(nonce)
        return hash.digest(Self.startTag, writer.bytes)
    }

    /// What the provider signs when its walk has ended at `last`.
    public func signedBody(last: Digest) -> [UInt8] {
        var writer = ByteWriter()
        writer.identifier(challenge)
        writer.u32(partition)
        writer.identifier(witness)
        writer.bytes32(nonce)
        writer.identifier(last)
        return writer.bytes
    }
}
