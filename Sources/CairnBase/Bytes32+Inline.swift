extension Bytes32 {
    /// The same bytes in order and in place: what C functions and spans read, without a heap allocation.
    @inlinable
    public var inline: InlineArray<32, UInt8> {
        // SAFETY: four words are 32 bytes without padding, and any bit pattern is an array of bytes.
        unsafe unsafeBitCast(
            (word0.bigEndian, word1.bigEndian, word2.bigEndian, word3.bigEndian), to: InlineArray<32, UInt8>.self)
    }

    @inlinable
    public init(_ inline: InlineArray<32, UInt8>) {
        let bytes = inline.span.bytes
        self.init(
            word0: bigEndianWord(bytes, at: 0), word1: bigEndianWord(bytes, at: 8),
            word2: bigEndianWord(bytes, at: 16), word3: bigEndianWord(bytes, at: 24))
    }
}

extension Signature {
    @inlinable
    public var inline: InlineArray<64, UInt8> {
        // SAFETY: two arrays of 32 bytes lie next to each other without padding.
        unsafe unsafeBitCast((r.inline, s.inline), to: InlineArray<64, UInt8>.self)
    }

    @inlinable
    public init(_ inline: InlineArray<64, UInt8>) {
        // SAFETY: the inverse of `inline`.
        let (r, s) = unsafe unsafeBitCast(inline, to: (InlineArray<32, UInt8>, InlineArray<32, UInt8>).self)
        self.init(r: Bytes32(r), s: Bytes32(s))
    }
}
