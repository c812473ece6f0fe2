import CairnBase

/// Writes a protobuf message in its canonical form: minimal varints, fields in ascending order.
///
/// A field is written exactly when it is asked for; leaving out defaults is the caller's decision, because signed
/// messages must come out with the fields they were signed with.
public struct ProtobufWriter: Sendable {
    private var writer = ByteWriter()
    private var last: UInt32 = 0

    public init() {}

    public var bytes: [UInt8] { writer.bytes }

    public mutating func varint(_ field: UInt32, _ value: UInt64) {
        tag(field, 0)
        writer.uvarint(value)
    }

    public mutating func bool(_ field: UInt32, _ value: Bool) { varint(field, value ? 1 : 0) }

    public mutating func fixed64(_ field: UInt32, _ value: UInt64) {
        tag(field, 1)
        writer.u64(value)
    }

    public mutating func fixed32(_ field: UInt32, _ value: UInt32) {
        tag(field, 5)
        writer.u32(value)
    }

    public mutating func bytes(_ field: UInt32, _ value: [UInt8]) {
        tag(field, 2)
        writer.uvarintBytes(value)
    }

    public mutating func string(_ field: UInt32, _ value: String) { bytes(field, Array(value.utf8)) }

    /// A message inside this one.
    public mutating func message(_ field: UInt32, _ write: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        write(&inner)
        bytes(field, inner.bytes)
    }

    private mutating func tag(_ field: UInt32, _ wireType: UInt64) {
        invariant((1...ProtobufField.highestNumber).contains(field), "protobuf field numbers are 29 bits: \(field)")
        invariant(field >= last, "protobuf fields are written in ascending order: \(field) after \(last)")
        last = field
        writer.uvarint(UInt64(field) << 3 | wireType)
    }
}
