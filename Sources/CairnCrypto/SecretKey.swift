internal import CSodium
public import CairnBase
internal import CairnWire

/// An Ed25519 signing key (RFC 8032): a 32-byte seed and the public key derived from it.
///
/// The public half always comes from the seed, never from outside: signing with a foreign public half leaks the key.
public struct SecretKey: ~Copyable, Sendable {
    public let publicKey: PublicKey
    /// The seed, then the public key: the form the library signs with.
    private let expanded: SecretBytes

    public init(seed: borrowing Seed) {
        var derived = InlineArray<32, UInt8>(repeating: 0)
        expanded = SecretBytes(
            count: 64,
            filledBy: { expanded in
                seed.bytes.lend { seed in
                    derived = InlineArray { publicKey in
                        _ = crypto_sign_ed25519_seed_keypair(publicKey, expanded, seed)
                    }
                }
            })
        publicKey = PublicKey(Bytes32(derived))
    }

    public static func generate() -> SecretKey {
        SecretKey(seed: .random())
    }

    /// Whether the key can never reach swap.
    public var isLocked: Bool { expanded.isLocked }

    /// Signs raw bytes: for formats that are not ours. Ours go through `sign(_:tag:chain:)`.
    public borrowing func sign(_ message: RawSpan) -> Signature {
        let bytes = expanded.lend { key in
            message.lend { message, size in
                InlineArray<64, UInt8> { signature in
                    _ = crypto_sign_ed25519_detached(signature, nil, message, UInt64(size), key)
                }
            }
        }
        return Signature(bytes)
    }

    public borrowing func sign(_ message: [UInt8]) -> Signature {
        sign(message.span.bytes)
    }

    /// Signs the body of a statement for one use on one chain.
    public borrowing func sign(_ body: [UInt8], tag: DomainTag, chain: ChainID) -> Signature {
        sign(signedBytes(tag, chain: chain, body: body).span.bytes)
    }
}
