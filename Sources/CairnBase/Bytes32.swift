/// Thirty-two bytes held as four machine words, so that ids compare, hash and copy without touching the heap.
///
/// Every 32-byte id of the network wraps one of these (`Digest`, `PublicKey`, …). Word 0 holds bytes 0–7 in
/// big-endian order, which makes the integer order of the words equal to the lexicographic order of the bytes:
/// "sorted by id" means the same in memory, in SQLite and in the documents.
@frozen
public struct Bytes32: Sendable, Hashable, Comparable {
    @usableFromInline let word0: UInt64
    @usableFromInline let word1: UInt64
    @usableFromInline let word2: UInt64
    @usableFromInline let word3: UInt64

    /// From words whose big-endian bytes, in order, are the value.
    @inlinable
    package init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    public static let count = 32
    public static let zero = Bytes32(word0: 0, word1: 0, word2: 0, word3: 0)

    /// Reads exactly 32 bytes; any other length is refused.
    @inlinable
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount == Self.count else { return nil }
        self.init(
            word0: bigEndianWord(bytes, at: 0), word1: bigEndianWord(bytes, at: 8),
            word2: bigEndianWord(bytes, at: 16), word3: bigEndianWord(bytes, at: 24))
    }

    @inlinable
    public init?(_ bytes: [UInt8]) {
        self.init(bytes.span.bytes)
    }

    @inlinable
    public func append(to bytes: inout [UInt8]) {
        appendBigEndian(word0, to: &bytes)
        appendBigEndian(word1, to: &bytes)
        appendBigEndian(word2, to: &bytes)
        appendBigEndian(word3, to: &bytes)
    }

    @inlinable
    public var bytes: [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(Self.count)
        append(to: &result)
        return result
    }

    /// The first eight bytes as a little-endian integer: how the protocol turns a hash into a number.
    @inlinable
    public var low64: UInt64 { word0.byteSwapped }

    /// The first eight bytes as a big-endian integer: values that differ in it are ordered by it.
    @inlinable
    public var high64: UInt64 { word0 }

    @inlinable
    public static func < (left: Bytes32, right: Bytes32) -> Bool {
        if left.word0 != right.word0 { return left.word0 < right.word0 }
        if left.word1 != right.word1 { return left.word1 < right.word1 }
        if left.word2 != right.word2 { return left.word2 < right.word2 }
        return left.word3 < right.word3
    }
}

@inlinable
func bigEndianWord(_ bytes: RawSpan, at offset: Int) -> UInt64 {
    // SAFETY: every caller has checked that eight bytes follow `offset`; unsafeLoadUnaligned checks bounds again.
    UInt64(bigEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
}

@inlinable
func appendBigEndian(_ word: UInt64, to bytes: inout [UInt8]) {
    // SAFETY: the pointer to a local integer does not leave the closure.
    unsafe withUnsafeBytes(of: word.bigEndian) { unsafe bytes.append(contentsOf: $0) }
}

extension Bytes32: CustomStringConvertible {
    public var description: String { hex(bytes) }
}
