/// Unsigned varints as multiformats and protobuf use them: seven bits a byte, low bits first, in minimal form.
///
/// Ten bytes hold every 64-bit value; an eleventh byte, a tenth byte above 1 and a superfluous last zero byte are
/// refused, so that one number has one encoding.
extension ByteReader {
    @inlinable
    public mutating func uvarint() throws(DecodeError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let byte = try u8()
            if shift == 63 && byte > 1 { throw .invalid("varint") }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0 && shift > 0 { throw .notCanonical("varint") }
                return value
            }
            shift += 7
        }
    }

    /// A varint length, at most `limit`, then that many bytes, borrowed.
    @inlinable
    @_lifetime(copy self)
    public mutating func uvarintBytes(limit: Int) throws(DecodeError) -> RawSpan {
        let size = try uvarint()
        guard size <= UInt64(max(limit, 0)) else { throw .tooLarge(size: size, limit: UInt64(max(limit, 0))) }
        return try take(Int(size))
    }
}

extension ByteWriter {
    @inlinable
    public mutating func uvarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            u8(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        u8(UInt8(truncatingIfNeeded: rest))
    }

    /// A varint length, then the bytes.
    @inlinable
    public mutating func uvarintBytes(_ value: [UInt8]) {
        uvarint(UInt64(value.count))
        raw(value)
    }
}
