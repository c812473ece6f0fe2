/// A running 128-bit fingerprint of everything that happened: equal seeds must give equal fingerprints.
///
/// It mixes words; it is not cryptographic. Two multiply-rotate lanes with different constants make an accidental
/// collision between two different runs a matter of 2⁻¹²⁸, and cost about a nanosecond per word.
@frozen
public struct TraceHash: Sendable, Hashable, CustomStringConvertible {
    @usableFromInline var low: UInt64 = 0x243f_6a88_85a3_08d3
    @usableFromInline var high: UInt64 = 0x1319_8a2e_0370_7344

    @inlinable
    public init() {}

    @inlinable
    public mutating func absorb(_ word: UInt64) {
        low = (low ^ word) &* 0x9e37_79b9_7f4a_7c15
        low = low << 29 | low >> 35
        high = (high &+ word ^ low) &* 0xbf58_476d_1ce4_e5b9
        high = high << 31 | high >> 33
    }

    @inlinable
    public mutating func absorb(_ bytes: [UInt8]) {
        absorb(UInt64(bytes.count))
        var word: UInt64 = 0
        var filled: UInt64 = 0
        for byte in bytes {
            word |= UInt64(byte) << (8 * filled)
            filled += 1
            if filled == 8 {
                absorb(word)
                word = 0
                filled = 0
            }
        }
        if filled > 0 { absorb(word) }
    }

    /// The fingerprint folded to one word.
    @inlinable
    var word: UInt64 { low ^ high }

    public var description: String {
        hexWord(finished(high, low)) + hexWord(finished(low, high))
    }

    private func finished(_ word: UInt64, _ other: UInt64) -> UInt64 {
        var mixed = word ^ (other >> 32)
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    private func hexWord(_ word: UInt64) -> String {
        let digits = String(word, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
