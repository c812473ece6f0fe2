public import CairnBase

/// HKDF-SHA-256 (RFC 5869): keys from a secret that is not yet uniform.
public enum HKDF {
    /// The longest output the RFC allows.
    public static let maximumCount = 255 * 32

    public static func extract(salt: RawSpan, secret: RawSpan) -> Bytes32 {
        HMAC.code(of: secret, key: salt)
    }

    public static func expand(_ key: Bytes32, info: RawSpan, count: Int) -> [UInt8] {
        invariant(count >= 0 && count <= maximumCount, "HKDF gives at most \(maximumCount) bytes, not \(count)")
        let key = key.inline
        var output: [UInt8] = []
        output.reserveCapacity(count)
        var block: [UInt8] = []
        var index: UInt8 = 0
        while output.count < count {
            index += 1
            var code = HMAC(key: key.span.bytes)
            code.update(block.span.bytes)
            code.update(info)
            code.update([index].span.bytes)
            block = code.finish().bytes
            output.append(contentsOf: block.prefix(count - output.count))
        }
        return output
    }

    public static func derive(secret: RawSpan, salt: RawSpan, info: RawSpan, count: Int) -> [UInt8] {
        expand(extract(salt: salt, secret: secret), info: info, count: count)
    }
}
