internal import CSodium
public import CairnBase

/// SHA-256 (FIPS 180-4) in progress, for the formats that ask for it: gossip message ids, Noise, recovery phrases.
///
/// A plain value: a copy continues on its own.
public struct SHA256: Sendable {
    private var state = crypto_hash_sha256_state()

    public init() {
        Sodium.start()
        crypto_hash_sha256_init(&state)
    }

    public mutating func update(_ bytes: RawSpan) {
        _ = bytes.lend { input, size in crypto_hash_sha256_update(&state, input, UInt64(size)) }
    }

    public mutating func update(_ bytes: [UInt8]) {
        update(bytes.span.bytes)
    }

    public func finish() -> Bytes32 {
        var last = state
        return Bytes32(InlineArray<32, UInt8> { output in _ = crypto_hash_sha256_final(&last, output) })
    }

    public static func digest(_ bytes: RawSpan) -> Bytes32 {
        Sodium.start()
        return Bytes32(
            bytes.lend { input, size in
                InlineArray<32, UInt8> { output in _ = crypto_hash_sha256(output, input, UInt64(size)) }
            })
    }

    public static func digest(_ bytes: [UInt8]) -> Bytes32 {
        digest(bytes.span.bytes)
    }
}
