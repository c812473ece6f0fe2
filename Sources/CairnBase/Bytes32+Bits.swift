/// The bytes as a path through a tree: bit 0 is the highest bit of the first byte.
extension Bytes32 {
    @inlinable
    public func bit(_ index: Int) -> Bool {
        word(index >> 6) >> UInt64(63 - (index & 63)) & 1 == 1
    }

    /// Four bits at a time, the first from the top.
    @inlinable
    public func nibble(_ index: Int) -> Int {
        Int(truncatingIfNeeded: word(index >> 4) >> UInt64(60 - 4 * (index & 15)) & 15)
    }

    /// The same bytes with everything after the first `count` nibbles cleared, and `nibble` put in their place.
    @inlinable
    public func replacingTail(afterNibbles count: Int, with nibble: Int) -> Bytes32 {
        var words = [word0, word1, word2, word3]
        for index in 0..<4 {
            let kept = min(max(count - 16 * index, 0), 16)
            let mask: UInt64 = kept == 0 ? 0 : .max << UInt64(64 - 4 * kept)
            words[index] &= mask
        }
        if count < 64 {
            words[count >> 4] |= UInt64(truncatingIfNeeded: nibble & 15) << UInt64(60 - 4 * (count & 15))
        }
        return Bytes32(word0: words[0], word1: words[1], word2: words[2], word3: words[3])
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
