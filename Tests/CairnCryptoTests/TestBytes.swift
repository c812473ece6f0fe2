import CairnBase
import Testing

@testable import CairnCrypto

/// The bytes of a hexadecimal literal in a test.
func unhex(_ text: String) throws -> [UInt8] {
    try #require(bytes(hex: text))
}

/// A seed from a hexadecimal literal.
func seed(_ text: String) throws -> Seed {
    Seed(known: try #require(Bytes32(try unhex(text))))
}

extension SecretBytes {
    /// A copy that a test may compare.
    borrowing func copy() -> [UInt8] {
        withBytes { bytes in unsafe bytes.withUnsafeBytes { unsafe [UInt8]($0) } }
    }
}

func hex<let count: Int>(_ bytes: InlineArray<count, UInt8>) -> String {
    hex(bytes.indices.map { bytes[$0] })
}

// The expectation macros cannot take spans apart, so the tests call with arrays.

extension Blake2b {
    func digest512(_ tag: DomainTag, _ bytes: [UInt8]) -> InlineArray<64, UInt8> {
        digest512(tag, bytes.span.bytes)
    }
}

extension HMAC {
    static func code(of bytes: [UInt8], key: [UInt8]) -> Bytes32 {
        code(of: bytes.span.bytes, key: key.span.bytes)
    }
}

extension HKDF {
    static func expand(_ key: Bytes32, info: [UInt8], count: Int) -> [UInt8] {
        expand(key, info: info.span.bytes, count: count)
    }
}

extension ChaCha20Poly1305 {
    func seal(_ plain: [UInt8], nonce: InlineArray<12, UInt8>, associated: [UInt8] = []) -> [UInt8] {
        var output: [UInt8] = []
        seal(plain.span.bytes, nonce: nonce, associated: associated.span.bytes, into: &output)
        return output
    }

    func open(
        _ sealed: [UInt8], nonce: InlineArray<12, UInt8>, associated: [UInt8] = [], into output: inout [UInt8]
    ) -> Bool {
        open(sealed.span.bytes, nonce: nonce, associated: associated.span.bytes, into: &output)
    }
}

extension XChaCha20Poly1305 {
    func seal(_ plain: [UInt8], nonce: InlineArray<24, UInt8>, associated: [UInt8] = []) -> [UInt8] {
        var output: [UInt8] = []
        seal(plain.span.bytes, nonce: nonce, associated: associated.span.bytes, into: &output)
        return output
    }

    func open(
        _ sealed: [UInt8], nonce: InlineArray<24, UInt8>, associated: [UInt8] = [], into output: inout [UInt8]
    ) -> Bool {
        open(sealed.span.bytes, nonce: nonce, associated: associated.span.bytes, into: &output)
    }
}

/// The order of the groups of Ed25519 and ristretto255, little-endian.
let groupOrder: [UInt8] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]

/// The sum of two little-endian numbers of 32 bytes, modulo 2^256.
func adding(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var carry = 0
    return zip(left, right).map { a, b in
        carry += Int(a) + Int(b)
        defer { carry >>= 8 }
        return UInt8(carry & 0xff)
    }
}

extension Seed {
    borrowing func copy() -> [UInt8] { bytes.copy() }
}

extension Passphrase {
    borrowing func copy() -> [UInt8] { bytes.copy() }
}
