internal import CSodium
public import CairnBase

/// Checking Ed25519 signatures (RFC 8032), by libsodium's rules.
///
/// They are the strict, cofactorless ones: S below the group order, A canonical and of large order, R of large order,
/// and the equation without the cofactor. Two nodes that answer differently here split the chain, so the answers to
/// every known edge case are pinned in the tests, and signatures are never checked by a batch equation.
public enum Ed25519 {
    public static func isValid(_ signature: Signature, of message: RawSpan, by key: PublicKey) -> Bool {
        Sodium.start()
        return signature.inline.lend { signature in
            key.raw.inline.lend { key in
                message.lend { message, size in
                    crypto_sign_ed25519_verify_detached(signature, message, UInt64(size), key) == 0
                }
            }
        }
    }

    public static func isValid(_ signature: Signature, of message: [UInt8], by key: PublicKey) -> Bool {
        isValid(signature, of: message.span.bytes, by: key)
    }
}
