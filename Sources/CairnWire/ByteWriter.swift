public import CairnBase

/// Appends canonical bytes: the mirror of `ByteReader`, call by call.
@frozen
public struct ByteWriter: Sendable {
    public private(set) var bytes: [UInt8]

    @inlinable
    public init(capacity: Int = 0) {
        self.init(empty: capacity)
    }

    @usableFromInline
    init(empty capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    public mutating func u8(_ value: UInt8) { bytes.append(value) }
    public mutating func u16(_ value: UInt16) { integer(value) }
    public mutating func u32(_ value: UInt32) { integer(value) }
    public mutating func u64(_ value: UInt64) { integer(value) }
    public mutating func i16(_ value: Int16) { integer(value) }
    public mutating func i32(_ value: Int32) { integer(value) }
    public mutating func i64(_ value: Int64) { integer(value) }
    public mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    private mutating func integer(_ value: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    public mutating func bytes32(_ value: Bytes32) { value.append(to: &bytes) }
    public mutating func identifier(_ value: some Identifier) { value.raw.append(to: &bytes) }
    public mutating func ordinal(_ value: some Ordinal) { integer(value.number) }
    public mutating func signature(_ value: Signature) { value.append(to: &bytes) }

    /// Bytes of a width both sides know, without a length.
    public mutating func raw(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// A u32 length, then the bytes.
    public mutating func bytes(_ value: [UInt8]) {
        count(value.count)
        bytes.append(contentsOf: value)
    }

    /// A u32 count, to be followed by that many items.
    public mutating func count(_ value: Int) {
        invariant(value >= 0 && value <= Int(UInt32.max), "a count fits 32 bits")
        u32(UInt32(value))
    }
}
