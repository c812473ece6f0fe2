public import CairnBase
public import CairnWire

/// A witness binds itself to a receipt before anybody can know what the beacon said. 132 bytes.
///
/// One per challenge and witness: two different signed ones prove that the witness tried both.
public struct Commit: Sendable, Hashable, Canonical, Signed {
    public let challenge: Digest
    /// The witness's place in the epoch's frozen set.
    public let witness: UInt32
    public let commitment: Digest
    public let signature: Signature

    public static let count = 132

    public init(challenge: Digest, witness: UInt32, commitment: Digest, signature: Signature) {
        self.challenge = challenge
        self.witness = witness
        self.commitment = commitment
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        witness = try reader.u32()
        commitment = try reader.identifier()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.raw(signedBody)
        writer.signature(signature)
    }

    public var domain: DomainTag { Tags.signCommit }
    public var signedBody: [UInt8] { Self.body(challenge: challenge, witness: witness, commitment: commitment) }

    public static func body(challenge: Digest, witness: UInt32, commitment: Digest) -> [UInt8] {
        var writer = ByteWriter(capacity: count - Signature.count)
        writer.identifier(challenge)
        writer.u32(witness)
        writer.identifier(commitment)
        return writer.bytes
    }
}
