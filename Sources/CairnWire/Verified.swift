public import CairnBase

/// A value whose signatures were checked at the edge. Cores accept nothing else from peers.
///
/// The initialiser is `package` so that only this package can vouch, and the tidy tests let only `CairnCrypto`, the
/// simulator's keyed-hash scheme and tests call it: a core cannot receive unverified data and needs no cryptography.
@frozen
public struct Verified<Value: Sendable>: Sendable {
    public let value: Value
    /// Who signed it.
    public let signer: PublicKey

    @inlinable
    package init(vouchedFor value: Value, signer: PublicKey) {
        self.value = value
        self.signer = signer
    }
}

/// What an Ed25519 signature covers here: tag, chain, body. A signature for one use or chain is void in another.
public func signedBytes(_ tag: DomainTag, chain: ChainID, body: [UInt8]) -> [UInt8] {
    var writer = ByteWriter(capacity: 48 + body.count)
    writer.u64(tag.low)
    writer.u64(tag.high)
    writer.identifier(chain)
    writer.raw(body)
    return writer.bytes
}
