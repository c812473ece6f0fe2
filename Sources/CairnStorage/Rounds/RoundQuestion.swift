public import CairnBase
public import CairnWire

/// What a witness asks of one place of a provider in a round. Of a sealed partition it asks the end of a walk, then what it
/// went over, then one full check, with the same question in all three.
public struct RoundQuestion: Sendable, Hashable {
    public let challenge: Digest
    public let provider: Digest
    /// Which of its partitions, or the place of a shard in its list.
    public let partition: UInt32
    public let witness: Digest
    public let nonce: Bytes32

    public init(challenge: Digest, provider: Digest, partition: UInt32, witness: Digest, nonce: Bytes32) {
        self.challenge = challenge
        self.provider = provider
        self.partition = partition
        self.witness = witness
        self.nonce = nonce
    }

    public func walk(on chain: ChainID) -> WalkQuestion {
        WalkQuestion(
            chain: chain, challenge: challenge, provider: provider, partition: partition, witness: witness,
            nonce: nonce)
    }
}

extension RoundQuestion: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        provider = try reader.identifier()
        partition = try reader.u32()
        witness = try reader.identifier()
        nonce = try reader.bytes32()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(challenge)
        writer.identifier(provider)
        writer.u32(partition)
        writer.identifier(witness)
        writer.bytes32(nonce)
    }
}
