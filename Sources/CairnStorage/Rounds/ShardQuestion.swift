public import CairnBase
public import CairnWire

/// What a witness asks a provider in a hot round: eight leaves of a shard, which the chain knows by its object's root.
public struct ShardQuestion: Sendable, Hashable {
    /// Of the object: that of the list of its pieces.
    public let root: Digest
    public let shard: UInt8
    /// MiB, as the chain says.
    public let units: UInt8
    public let challenge: Digest
    public let provider: Digest
    /// The place of the shard in the provider's list.
    public let partition: UInt32
    public let witness: Digest
    public let nonce: Bytes32

    public init(
        root: Digest, shard: UInt8, units: UInt8, challenge: Digest, provider: Digest, partition: UInt32,
        witness: Digest, nonce: Bytes32
    ) {
        self.root = root
        self.shard = shard
        self.units = units
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

extension ShardQuestion: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        root = try reader.identifier()
        shard = try reader.u8()
        units = try reader.u8()
        challenge = try reader.identifier()
        provider = try reader.identifier()
        partition = try reader.u32()
        witness = try reader.identifier()
        nonce = try reader.bytes32()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(root)
        writer.u8(shard)
        writer.u8(units)
        writer.identifier(challenge)
        writer.identifier(provider)
        writer.u32(partition)
        writer.identifier(witness)
        writer.bytes32(nonce)
    }
}
