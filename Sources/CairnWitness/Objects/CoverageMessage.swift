public import CairnWire

/// What gateways publish about challenges, as it travels: a byte for the kind, then the message.
public enum CoverageMessage: Sendable, Hashable, Canonical {
    case commit(Commit)
    case beacon(BeaconReveal)
    case reveal(Reveal)
    case batch(RevealBatch)

    public init(from reader: inout ByteReader) throws(DecodeError) {
        self = try CoverageMessage(kind: try reader.u8(), from: &reader)
    }

    init(kind: UInt8, from reader: inout ByteReader) throws(DecodeError) {
        switch kind {
        case 1: self = .commit(try reader.value())
        case 2: self = .beacon(try reader.value())
        case 3: self = .reveal(try reader.value())
        case 4: self = .batch(try reader.value())
        default: throw .unknown("coverage message", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .commit(let value):
            writer.u8(1)
            value.encode(into: &writer)
        case .beacon(let value):
            writer.u8(2)
            value.encode(into: &writer)
        case .reveal(let value):
            writer.u8(3)
            value.encode(into: &writer)
        case .batch(let value):
            writer.u8(4)
            value.encode(into: &writer)
        }
    }
}
