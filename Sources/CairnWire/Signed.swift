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
}
