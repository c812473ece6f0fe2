public import CairnBase
public import CairnWire

/// What a witness saw of one walk. The provider's signature is zero where it gave none.
public struct WalkReceipt: Sendable, Hashable {
    public let challenge: Digest
    /// Places in the frozen set of the challenge's epoch.
    public let provider: UInt32
    public let partition: UInt32
    public let witness: UInt32
    public let result: WalkResult
    public let elapsedMilliseconds: UInt32
    /// Of the witness's nonce: whoever has it can ask the question again.
    public let proof: VRFProof
    public let last: Digest
    public let answer: Signature

    public init(
        challenge: Digest, provider: UInt32, partition: UInt32, witness: UInt32, result: WalkResult,
        elapsedMilliseconds: UInt32, proof: VRFProof, last: Digest, answer: Signature
    ) {
        self.challenge = challenge
        self.provider = provider
        self.partition = partition
        self.witness = witness
        self.result = result
        self.elapsedMilliseconds = elapsedMilliseconds
        self.proof = proof
        self.last = last
        self.answer = answer
    }
}

extension WalkReceipt: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        challenge = try reader.identifier()
        provider = try reader.u32()
        partition = try reader.u32()
        witness = try reader.u32()
        let code = try reader.u8()
        guard let result = WalkResult(rawValue: code) else { throw .unknown("walk result", UInt64(code)) }
        self.result = result
        elapsedMilliseconds = try reader.u32()
        proof = try reader.value()
        last = try reader.identifier()
        answer = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(challenge)
        writer.u32(provider)
        writer.u32(partition)
        writer.u32(witness)
        writer.u8(result.rawValue)
        writer.u32(elapsedMilliseconds)
        writer.value(proof)
        writer.identifier(last)
        writer.signature(answer)
    }
}

/// A receipt as it travels, with its witness's signature. 313 bytes.
///
/// One per audit and witness: two different ones are both its word, and neither says more than the other.
public struct SignedWalkReceipt: Sendable, Hashable, Canonical, Signed {
    public let receipt: WalkReceipt
    public let signature: Signature

    public init(_ receipt: WalkReceipt, signature: Signature) {
        self.receipt = receipt
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        receipt = try reader.value()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.value(receipt)
        writer.signature(signature)
    }

    public static let tag = Tags.signWalkReceipt
    public var domain: DomainTag { Self.tag }
    public var signedBody: [UInt8] { receipt.encoded }
}
