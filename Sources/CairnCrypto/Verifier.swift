public import CairnBase
public import CairnWire

/// A signed statement and the key that must have signed it.
public struct Claim<Value: Signed>: Sendable {
    public let value: Value
    public let signer: PublicKey

    public init(_ value: Value, by signer: PublicKey) {
        self.value = value
        self.signer = signer
    }
}

/// Turns signed statements into verified ones, for one chain.
///
/// This is the border that peers' statements cross: cores take `Verified` values only. It is a plain value, so any
/// number of threads may hold one.
public struct Verifier: Sendable {
    public let chain: ChainID

    public init(chain: ChainID) {
        Sodium.start()
        self.chain = chain
    }

    public func verify<Value: Signed>(_ claim: Claim<Value>) -> Verified<Value>? {
        let value = claim.value
        let message = signedBytes(value.domain, chain: chain, body: value.signedBody)
        guard Ed25519.isValid(value.signature, of: message, by: claim.signer) else { return nil }
        for inner in value.enclosed {
            let message = signedBytes(inner.domain, chain: chain, body: inner.body)
            guard Ed25519.isValid(inner.signature, of: message, by: inner.signer) else { return nil }
        }
        return Verified(vouchedFor: value, signer: claim.signer)
    }

    /// One answer per claim, in the order of the claims; nil where the signature is wrong.
    public func verify<Value: Signed>(_ claims: [Claim<Value>]) -> [Verified<Value>?] {
        claims.map { verify($0) }
    }
}
