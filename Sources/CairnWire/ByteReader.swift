public import CairnBase

/// Reads canonical bytes from the front, checking sizes before anything is taken or allocated.
///
/// Fixed-width integers are little-endian; variable parts carry a u32 length. The reader never copies the input: what
/// outlives it is copied out by the caller. After an error the reader is of no further use.
@frozen
public struct ByteReader: ~Copyable, ~Escapable {
    @usableFromInline var rest: RawSpan

    @inlinable
    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) {
        rest = bytes
    }

    @inlinable
    public var remaining: Int { rest.byteCount }

    /// Takes `count` bytes off the front.
    @inlinable
    @_lifetime(copy self)
    public mutating func take(_ count: Int) throws(DecodeError) -> RawSpan {
        guard count >= 0, count <= rest.byteCount else {
            throw .truncated(need: count, have: rest.byteCount)
        }
        let taken = rest.extracting(first: count)
        rest = rest.extracting(droppingFirst: count)
        return taken
    }

    @inlinable
    public mutating func u8() throws(DecodeError) -> UInt8 { try integer() }
    @inlinable
    public mutating func u16() throws(DecodeError) -> UInt16 { try integer() }
    @inlinable
    public mutating func u32() throws(DecodeError) -> UInt32 { try integer() }
    @inlinable
    public mutating func u64() throws(DecodeError) -> UInt64 { try integer() }
    @inlinable
    public mutating func i16() throws(DecodeError) -> Int16 { Int16(bitPattern: try u16()) }
    @inlinable
    public mutating func i32() throws(DecodeError) -> Int32 { Int32(bitPattern: try u32()) }
    @inlinable
    public mutating func i64() throws(DecodeError) -> Int64 { Int64(bitPattern: try u64()) }

    @inlinable
    mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>() throws(DecodeError) -> Value {
        let size = MemoryLayout<Value>.size
        guard rest.byteCount >= size else { throw .truncated(need: size, have: rest.byteCount) }
        // SAFETY: `size` bytes were just checked to be there, and any bit pattern is an integer.
        let value = unsafe rest.unsafeLoadUnaligned(as: Value.self)
        rest = rest.extracting(droppingFirst: size)
        return Value(littleEndian: value)
    }

    /// A boolean is one byte, 0 or 1; anything else is refused.
    @inlinable
    public mutating func bool() throws(DecodeError) -> Bool {
        switch try u8() {
        case 0: return false
        case 1: return true
        default: throw .notCanonical("bool")
        }
    }

    @inlinable
    public mutating func bytes32() throws(DecodeError) -> Bytes32 {
        guard let value = Bytes32(try take(Bytes32.count)) else { throw .invalid("32 bytes") }
        return value
    }

    @inlinable
    public mutating func identifier<ID: Identifier>(_: ID.Type = ID.self) throws(DecodeError) -> ID {
        ID(try bytes32())
    }

    @inlinable
    public mutating func ordinal<Value: Ordinal>(_: Value.Type = Value.self) throws(DecodeError) -> Value {
        Value(try u64())
    }

    @inlinable
    public mutating func signature() throws(DecodeError) -> Signature {
        Signature(r: try bytes32(), s: try bytes32())
    }

    /// A u32 length, at most `limit`, then that many bytes, copied out.
    @inlinable
    public mutating func bytes(limit: Int) throws(DecodeError) -> [UInt8] {
        let count = try self.count(limit: limit)
        return try raw(count)
    }

    /// A u32 length, at most `limit`, then that much UTF-8; malformed UTF-8 is refused, never mended.
    @inlinable
    public mutating func string(limit: Int) throws(DecodeError) -> String {
        guard let text = String(validating: try bytes(limit: limit), as: UTF8.self) else { throw .invalid("UTF-8") }
        return text
    }

    /// Exactly `count` bytes of a width both sides know, copied out.
    @inlinable
    public mutating func raw(_ count: Int) throws(DecodeError) -> [UInt8] {
        let taken = try take(count)
        // SAFETY: the borrowed bytes are copied before the closure returns.
        return unsafe taken.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// A u32 count, at most `limit`, to be followed by that many items.
    @inlinable
    public mutating func count(limit: Int) throws(DecodeError) -> Int {
        let count = try u32()
        guard count <= limit else { throw .tooLarge(size: UInt64(count), limit: UInt64(max(limit, 0))) }
        return Int(count)
    }

    /// Refuses what is left over. Every top-level decode ends with this.
    @inlinable
    public func end() throws(DecodeError) {
        if rest.byteCount != 0 { throw .trailing(count: rest.byteCount) }
    }
}
