internal import CSodium
public import CairnBase

/// HMAC-SHA-256 (RFC 2104) in progress.
public struct HMAC: Sendable {
    private var state = crypto_auth_hmacsha256_state()

    public init(key: RawSpan) {
        Sodium.start()
        _ = key.lend { key, size in crypto_auth_hmacsha256_init(&state, key, size) }
    }

    public mutating func update(_ bytes: RawSpan) {
        _ = bytes.lend { input, size in crypto_auth_hmacsha256_update(&state, input, UInt64(size)) }
    }

    /// The code of everything so far. Compare codes with `equalInConstantTime`.
    public func finish() -> Bytes32 {
        var last = state
        return Bytes32(InlineArray<32, UInt8> { output in _ = crypto_auth_hmacsha256_final(&last, output) })
    }

    public static func code(of bytes: RawSpan, key: RawSpan) -> Bytes32 {
        var code = HMAC(key: key)
        code.update(bytes)
        return code.finish()
    }
}
