/// The bytes as a path through a binary tree: bit 0 is the highest bit of the first byte.
extension Bytes32 {
    @inlinable
    public func bit(_ index: Int) -> Bool {
        word(index >> 6) >> UInt64(63 - (index & 63)) & 1 == 1
    }

    /// The same bytes with one bit set.
    @inlinable
    public func setting(bit index: Int) -> Bytes32 {
        let mask: UInt64 = 1 << UInt64(63 - (index & 63))
        return Bytes32(
            word0: word0 | (index >> 6 == 0 ? mask : 0), word1: word1 | (index >> 6 == 1 ? mask : 0),
            word2: word2 | (index >> 6 == 2 ? mask : 0), word3: word3 | (index >> 6 == 3 ? mask : 0))
    }

    /// The first `count` bits, and zeros behind them.
    @inlinable
    public func keeping(bits count: Int) -> Bytes32 {
        Bytes32(
            word0: word0 & Self.mask(count), word1: word1 & Self.mask(count - 64),
            word2: word2 & Self.mask(count - 128),
            word3: word3 & Self.mask(count - 192))
    }

    /// The same bytes with every bit from an index on set.
    @inlinable
    public func filling(from index: Int) -> Bytes32 {
        Bytes32(
            word0: word0 | ~Self.mask(index), word1: word1 | ~Self.mask(index - 64),
            word2: word2 | ~Self.mask(index - 128), word3: word3 | ~Self.mask(index - 192))
    }

    /// The first `count` bits of a word.
    @inlinable
    static func mask(_ count: Int) -> UInt64 {
        if count <= 0 { return 0 }
        return count >= 64 ? .max : ~(.max >> UInt64(count))
    }

    /// The same bytes with `byte` in front and the last one dropped.
    @inlinable
    public func behind(_ byte: UInt8) -> Bytes32 {
        Bytes32(
            word0: UInt64(byte) << 56 | word0 >> 8, word1: word0 << 56 | word1 >> 8, word2: word1 << 56 | word2 >> 8,
            word3: word2 << 56 | word3 >> 8)
    }

    @inlinable
    func word(_ index: Int) -> UInt64 {
        switch index {
        case 0: word0
        case 1: word1
        case 2: word2
        default: word3
        }
    }
}
