public import CairnWire

/// What travels under the topic of receipts: a byte for the kind, then the message. The first four are coverage's.
public enum WitnessMessage: Sendable, Hashable, Canonical {
    case coverage(CoverageMessage)
    case walk(SignedWalkReceipt)

    private static let walk: UInt8 = 5

    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        if kind == Self.walk {
            self = .walk(try reader.value())
        } else {
            self = .coverage(try CoverageMessage(kind: kind, from: &reader))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .coverage(let message): message.encode(into: &writer)
        case .walk(let receipt):
            writer.u8(Self.walk)
            receipt.encode(into: &writer)
        }
    }
}
