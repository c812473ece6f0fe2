import CairnBase
import CairnCrypto
import Testing

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
