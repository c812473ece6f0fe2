public import CairnBase

/// A statement that carries one signature over its own canonical body and that nobody has checked yet.
///
/// `CairnCrypto.Verifier` turns it into a `Verified` one. Who must have signed it is not part of the protocol: some
/// statements name their signer, others an index into a committee that only the receiver can resolve.
public protocol Signed: Sendable {
    /// The use that the signature is good for.
    var domain: DomainTag { get }
    /// What was signed: the canonical bytes of everything but the signature.
    var signedBody: [UInt8] { get }
    var signature: Signature { get }
    /// Further signatures that stand inside and must hold too; none by default.
    var enclosed: [EnclosedSignature] { get }
}

extension Signed {
    public var enclosed: [EnclosedSignature] { [] }
}

/// A statement that is some content and its signature, and nothing else.
public protocol SignedContent: Signed, Canonical {
    associatedtype Content: Canonical

    static var domainTag: DomainTag { get }
    var content: Content { get }

    init(_ content: Content, signature: Signature)
}

extension SignedContent {
    public var domain: DomainTag { Self.domainTag }
    public var signedBody: [UInt8] { content.encoded }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        self.init(try Content(from: &reader), signature: try reader.signature())
    }

    public func encode(into writer: inout ByteWriter) {
        content.encode(into: &writer)
        writer.signature(signature)
    }
}

/// A signature inside a signed statement: two votes that contradict each other, a proof that a key is one's own.
public struct EnclosedSignature: Sendable, Equatable {
    public let domain: DomainTag
    public let body: [UInt8]
    public let signer: PublicKey
    public let signature: Signature

    public init(domain: DomainTag, body: [UInt8], signer: PublicKey, signature: Signature) {
        self.domain = domain
        self.body = body
        self.signer = signer
        self.signature = signature
    }
}
