public import CairnBase
public import CairnWire

/// What a witness asks a provider of a sealed partition: the end of a walk, then what it went over, then one full check.
/// The same question stands in all three.
public struct SealedQuestion: Sendable, Hashable {
    public let challenge: Digest
    public let provider: Digest
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

extension SealedQuestion: Canonical {
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

/// Where a walk ended, as the provider signs it.
public struct WalkEnd: Sendable, Hashable {
    public let last: Digest
    public let signature: Signature

    public init(last: Digest, signature: Signature) {
        self.last = last
        self.signature = signature
    }
}

extension WalkEnd: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        last = try reader.identifier()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(last)
        writer.signature(signature)
    }
}
