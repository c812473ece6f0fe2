extension HashFunction {
    /// The digest of two 32-byte values side by side, without touching the heap: the step of every Merkle tree.
    @inlinable
    public func digest(_ tag: DomainTag, _ left: Bytes32, _ right: Bytes32) -> Digest {
        let words: [8 of UInt64] = [
            left.word0.bigEndian, left.word1.bigEndian, left.word2.bigEndian, left.word3.bigEndian,
            right.word0.bigEndian, right.word1.bigEndian, right.word2.bigEndian, right.word3.bigEndian,
        ]
        return digest(tag, words.span.bytes)
    }
}

extension HashFunction {
    /// The digests of the first two of some values, of the next two and so on, each side by side as above.
    @inlinable
    public func digests(_ tag: DomainTag, pairs values: some Collection<Digest>) -> [Digest] {
        var words: [UInt64] = []
        words.reserveCapacity(4 * values.count)
        for value in values {
            words.append(value.raw.word0.bigEndian)
            words.append(value.raw.word1.bigEndian)
            words.append(value.raw.word2.bigEndian)
            words.append(value.raw.word3.bigEndian)
        }
        return digests(tag, of: words.span.bytes, each: 2 * Bytes32.count)
    }
}
