/// Reads a protobuf message field by field, for the libp2p messages and nothing else.
///
/// Only what those use exists: varints, 64-bit, 32-bit and length-delimited fields. Groups (wire types 3 and 4), the
/// undefined types 6 and 7, field number 0, varints longer than needed and more than `fieldLimit` fields are refused.
/// It borrows the input, so a message costs time in proportion to its bytes and no memory. What to do about a field
/// the caller does not know is the caller's own last `case`: `throw field.unknown`, or go on.
public struct ProtobufReader: ~Copyable, ~Escapable {
    /// Whether fields may come in any order, as receivers must usually allow, or must not descend, as in keys, which
    /// are compared and hashed as bytes.
    public enum Order: Sendable {
        case any
        case ascending
    }

    private var rest: ByteReader
    private var fieldsLeft: Int
    private let fieldLimit: Int
    private let order: Order
    private var last: UInt32 = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan, fieldLimit: Int, order: Order = .any) {
        rest = ByteReader(bytes)
        fieldsLeft = fieldLimit
        self.fieldLimit = max(fieldLimit, 0)
        self.order = order
    }

    /// The next field with its value, or nil at the end of the message.
    @_lifetime(copy self)
    public mutating func next() throws(DecodeError) -> ProtobufField? {
        guard rest.remaining > 0 else { return nil }
        guard fieldsLeft > 0 else { throw .tooLarge(size: UInt64(fieldLimit) + 1, limit: UInt64(fieldLimit)) }
        fieldsLeft -= 1
        let tag = try rest.uvarint()
        guard let number = UInt32(exactly: tag >> 3), (1...ProtobufField.highestNumber).contains(number) else {
            throw .invalid("protobuf field number")
        }
        if order == .ascending && number < last { throw .notCanonical("protobuf field order") }
        last = number
        switch tag & 7 {
        case 0: return ProtobufField(number, .varint(try rest.uvarint()))
        case 1: return ProtobufField(number, .fixed64(try rest.u64()))
        case 2: return ProtobufField(number, .bytes(try rest.uvarintBytes(limit: .max)))
        case 5: return ProtobufField(number, .fixed32(try rest.u32()))
        default: throw .unknown("protobuf wire type", tag & 7)
        }
    }
}

/// One field of a message: its number and its value, which is borrowed from the input.
public struct ProtobufField: ~Escapable {
    enum Value: ~Escapable {
        case varint(UInt64)
        case fixed64(UInt64)
        case bytes(RawSpan)
        case fixed32(UInt32)
    }

    public static let highestNumber: UInt32 = (1 << 29) - 1

    public let number: UInt32
    let value: Value

    @_lifetime(copy value)
    init(_ number: UInt32, _ value: consuming Value) {
        self.number = number
        self.value = value
    }

    /// The refusal of a field that this message must not have.
    public var unknown: DecodeError { .unknown("protobuf field", UInt64(number)) }

    private var wrongType: DecodeError { .invalid("type of protobuf field \(number)") }

    public func varint() throws(DecodeError) -> UInt64 {
        if case .varint(let value) = value { value } else { throw wrongType }
    }

    /// A protobuf `bool`: the varint 0 or 1.
    public func bool() throws(DecodeError) -> Bool {
        switch try varint() {
        case 0: return false
        case 1: return true
        default: throw .notCanonical("protobuf bool")
        }
    }

    /// A protobuf `uint32` or enumeration.
    public func u32() throws(DecodeError) -> UInt32 {
        let value = try varint()
        guard let number = UInt32(exactly: value) else {
            throw .tooLarge(size: value, limit: UInt64(UInt32.max))
        }
        return number
    }

    public func fixed64() throws(DecodeError) -> UInt64 {
        if case .fixed64(let value) = value { value } else { throw wrongType }
    }

    public func fixed32() throws(DecodeError) -> UInt32 {
        if case .fixed32(let value) = value { value } else { throw wrongType }
    }

    /// At most `limit` bytes, borrowed.
    @_lifetime(copy self)
    public func span(limit: Int) throws(DecodeError) -> RawSpan {
        guard case .bytes(let span) = value else { throw wrongType }
        guard span.byteCount <= limit else {
            throw .tooLarge(size: UInt64(span.byteCount), limit: UInt64(max(limit, 0)))
        }
        return span
    }

    /// At most `limit` bytes, copied.
    public func bytes(limit: Int) throws(DecodeError) -> [UInt8] {
        let span = try span(limit: limit)
        // SAFETY: the borrowed bytes are copied before the closure returns.
        return unsafe span.withUnsafeBytes { unsafe [UInt8]($0) }
    }

    /// At most `limit` bytes of valid UTF-8.
    public func string(limit: Int) throws(DecodeError) -> String {
        guard let text = String(validating: try bytes(limit: limit), as: UTF8.self) else { throw .invalid("UTF-8") }
        return text
    }

    /// A message inside this one, of at most `limit` bytes and with its own field limit.
    @_lifetime(copy self)
    public func message(
        limit: Int, fieldLimit: Int, order: ProtobufReader.Order = .any
    ) throws(DecodeError) -> ProtobufReader {
        ProtobufReader(try span(limit: limit), fieldLimit: fieldLimit, order: order)
    }
}
