internal import CSodium
public import CairnBase

/// An X25519 key (RFC 7748), for agreeing on a secret with a peer.
public struct AgreementKey: ~Copyable, Sendable {
    /// What the peer is told: a u-coordinate.
    public let publicKey: Bytes32
    private let scalar: SecretBytes

    public init(seed: consuming Seed) {
        let scalar = seed.intoBytes()
        let point = scalar.lend { scalar in
            InlineArray<32, UInt8> { point in _ = crypto_scalarmult_curve25519_base(point, scalar) }
        }
        publicKey = Bytes32(point)
        self.scalar = scalar
    }

    /// A fresh key, for one handshake or for good.
    public static func generate() -> AgreementKey {
        AgreementKey(seed: .random())
    }

    /// The secret shared with the holder of `peer`, not yet uniform: derive keys from it. Nil when `peer` is one of the
    /// points of small order, which would make the secret zero whatever our key is.
    public borrowing func sharedSecret(with peer: Bytes32) -> Bytes32? {
        var status: Int32 = -1
        let secret = scalar.lend { scalar in
            peer.inline.lend { peer in
                InlineArray<32, UInt8> { secret in status = crypto_scalarmult_curve25519(secret, scalar, peer) }
            }
        }
        return status == 0 ? Bytes32(secret) : nil
    }
}
