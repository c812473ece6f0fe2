public import CairnBase
public import CairnWire

/// The challenged gateway shows what it had to send, by the proof of its VRF output. 180 bytes.
public struct BeaconReveal: Sendable, Hashable, Canonical, Signed {
    public let challenge: Digest
    /// The gateway's place in the epoch's frozen set.
    public let target: UInt32
    public let proof: VRFProof
    public let signature: Signature

    public static let count = 180

    public init(challenge: Digest, target: UInt32, proof: VRFProof, signature: Signature) {
        self.challenge = challenge
        self.target = target
        self.proof = proof
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        target = try reader.u32()
        proof = try reader.value()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.raw(signedBody)
        writer.signature(signature)
    }

    public var domain: DomainTag { Tags.signBeacon }
    public var signedBody: [UInt8] { Self.body(challenge: challenge, target: target, proof: proof) }

    public static func body(challenge: Digest, target: UInt32, proof: VRFProof) -> [UInt8] {
        var writer = ByteWriter(capacity: count - Signature.count)
        writer.identifier(challenge)
        writer.u32(target)
        proof.encode(into: &writer)
        return writer.bytes
    }
}
