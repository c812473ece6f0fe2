public import CairnBase

/// Appends canonical bytes: the mirror of `ByteReader`, call by call.
@frozen
public struct ByteWriter: Sendable {
    @usableFromInline var storage: [UInt8]

    @inlinable
    public init(capacity: Int = 0) {
        storage = []
        storage.reserveCapacity(capacity)
    }

    /// What was written so far.
    @inlinable
    public var bytes: [UInt8] { storage }

    /// Forgets what was written and keeps the memory, for a writer that is used again.
    @inlinable
    public mutating func removeAll() { storage.removeAll(keepingCapacity: true) }

    @inlinable
    public mutating func u8(_ value: UInt8) { storage.append(value) }
    @inlinable
    public mutating func u16(_ value: UInt16) { integer(value) }
    @inlinable
    public mutating func u32(_ value: UInt32) { integer(value) }
    @inlinable
    public mutating func u64(_ value: UInt64) { integer(value) }
    @inlinable
    public mutating func i16(_ value: Int16) { integer(value) }
    @inlinable
    public mutating func i32(_ value: Int32) { integer(value) }
    @inlinable
    public mutating func i64(_ value: Int64) { integer(value) }
    @inlinable
    public mutating func bool(_ value: Bool) { storage.append(value ? 1 : 0) }

    @inlinable
    mutating func integer(_ value: some FixedWidthInteger & BitwiseCopyable) {
        // SAFETY: the pointer to a local integer does not leave the closure.
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe storage.append(contentsOf: $0) }
    }

    @inlinable
    public mutating func bytes32(_ value: Bytes32) { value.append(to: &storage) }
    @inlinable
    public mutating func identifier(_ value: some Identifier) { value.raw.append(to: &storage) }
    @inlinable
    public mutating func ordinal(_ value: some Ordinal) { integer(value.number) }
    @inlinable
    public mutating func signature(_ value: Signature) { value.append(to: &storage) }

    /// Bytes of a width both sides know, without a length.
    @inlinable
    public mutating func raw(_ value: [UInt8]) { storage.append(contentsOf: value) }

    @inlinable
    public mutating func raw(_ value: RawSpan) {
        // SAFETY: the borrowed bytes are copied before the closure returns.
        unsafe value.withUnsafeBytes { unsafe storage.append(contentsOf: $0) }
    }

    /// A u32 length, then the bytes.
    @inlinable
    public mutating func bytes(_ value: [UInt8]) {
        count(value.count)
        storage.append(contentsOf: value)
    }

    /// A u32 length, then the text in UTF-8.
    @inlinable
    public mutating func string(_ value: String) {
        count(value.utf8.count)
        storage.append(contentsOf: value.utf8)
    }

    /// A u32 count, to be followed by that many items.
    @inlinable
    public mutating func count(_ value: Int) {
        invariant(value >= 0 && value <= Int(UInt32.max), "a count fits 32 bits")
        u32(UInt32(value))
    }
}
