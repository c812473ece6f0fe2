public import CairnBase
public import CairnWire

/// Signatures for simulations: a keyed hash in the place of Ed25519, a hundred times cheaper.
///
/// One scheme stands for one simulated world. Whoever holds the scheme can verify; only the holder of a `SigningKey`
/// can sign under it, so a Byzantine process that was given its own key cannot forge others', which is all that a
/// protocol may assume of a signature. Outside a simulation it secures nothing.
public struct KeyedHashScheme: Sendable {
    private static let keyTag = DomainTag("cn-sim/key")
    private static let secretTag = DomainTag("cn-sim/secret")
    private static let signatureTag = DomainTag("cn-sim/sign")
    private static let secondTag = DomainTag("cn-sim/sign2")

    private let world: Bytes32

    public init(seed: UInt64) {
        world = MixHash().digest(Self.secretTag, (0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) }).raw
    }

    public struct SigningKey: Sendable {
        public let publicKey: PublicKey
        fileprivate let secret: Bytes32

        public func sign(_ message: [UInt8]) -> Signature {
            KeyedHashScheme.signature(message, under: secret)
        }

        public func sign(_ body: [UInt8], tag: DomainTag, chain: ChainID) -> Signature {
            sign(signedBytes(tag, chain: chain, body: body))
        }
    }

    /// The key of the `index`-th signer of this world.
    public func signingKey(_ index: Int) -> SigningKey {
        let bytes =
            world.bytes + (0..<8).map { UInt8(truncatingIfNeeded: UInt64(truncatingIfNeeded: index) >> (8 * $0)) }
        let publicKey = PublicKey(MixHash().digest(Self.keyTag, bytes).raw)
        return SigningKey(publicKey: publicKey, secret: secret(of: publicKey))
    }

    public func isValid(_ signature: Signature, of message: [UInt8], by key: PublicKey) -> Bool {
        signature == Self.signature(message, under: secret(of: key))
    }

    /// Vouches for a statement if its signature is that of `signer` on `chain`: what `CairnCrypto.Verifier` does.
    public func verify<Value: Signed>(_ value: Value, by signer: PublicKey, on chain: ChainID) -> Verified<Value>? {
        let message = signedBytes(value.domain, chain: chain, body: value.signedBody)
        guard isValid(value.signature, of: message, by: signer) else { return nil }
        return Verified(vouchedFor: value, signer: signer)
    }

    private func secret(of key: PublicKey) -> Bytes32 {
        var writer = ByteWriter(capacity: 64)
        writer.bytes32(world)
        writer.identifier(key)
        return MixHash().digest(Self.secretTag, writer.bytes).raw
    }

    private static func signature(_ message: [UInt8], under secret: Bytes32) -> Signature {
        var keyed = ByteWriter(capacity: 32 + message.count)
        keyed.bytes32(secret)
        keyed.raw(message)
        let first = MixHash().digest(signatureTag, keyed.bytes).raw
        var second = ByteWriter(capacity: 64)
        second.bytes32(secret)
        second.bytes32(first)
        return Signature(r: first, s: MixHash().digest(secondTag, second.bytes).raw)
    }
}
