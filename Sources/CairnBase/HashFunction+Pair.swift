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
