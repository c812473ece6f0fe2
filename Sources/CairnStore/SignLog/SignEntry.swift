public import CairnBase
public import CairnWire

/// One thing a sign log remembers: bytes it does not look into, and the view they belong to.
///
/// An entry is kept until the floor passes its view. Those of kind `pinned` are kept for good.
public struct SignEntry: Sendable, Equatable, Canonical {
    public let kind: UInt8
    public let epoch: Epoch
    public let view: View
    public let bytes: [UInt8]

    /// Kinds from here up are never forgotten: that the key is retired, for one.
    public static let pinned: UInt8 = 0x80

    public init(kind: UInt8, epoch: Epoch, view: View, bytes: [UInt8]) {
        self.kind = kind
        self.epoch = epoch
        self.view = view
        self.bytes = bytes
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        kind = try reader.u8()
        epoch = try reader.ordinal()
        view = try reader.ordinal()
        bytes = try reader.bytes(limit: SignLog.batchLimit)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(kind)
        writer.ordinal(epoch)
        writer.ordinal(view)
        writer.bytes(bytes)
    }

    func isSettled(by floor: SignFloor) -> Bool {
        kind < Self.pinned && (epoch, view) < (floor.epoch, floor.view)
    }
}

/// The last finalized view: what lies below it can never be voted on again.
public struct SignFloor: Sendable, Equatable {
    public let epoch: Epoch
    public let view: View

    public init(epoch: Epoch, view: View) {
        self.epoch = epoch
        self.view = view
    }
}

/// What one sync makes durable.
enum SignBatch: Equatable {
    /// The first batch of a segment: whose log it is. What of the older segment still matters follows in the next ones.
    case begin(key: PublicKey, chain: ChainID)
    case append(floor: SignFloor, entries: [SignEntry])
    /// The log goes on in the segment of this number.
    case move(to: UInt32)
}

extension SignBatch: Canonical {
    init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1:
            self = .begin(key: try reader.identifier(), chain: try reader.identifier())
        case 2:
            let floor = SignFloor(epoch: try reader.ordinal(), view: try reader.ordinal())
            let count = try reader.count(limit: SignLog.entriesPerBatch)
            var entries: [SignEntry] = []
            for _ in 0..<count { entries.append(try SignEntry(from: &reader)) }
            self = .append(floor: floor, entries: entries)
        case 3: self = .move(to: try reader.u32())
        default: throw .unknown("sign log batch", UInt64(kind))
        }
    }

    func encode(into writer: inout ByteWriter) {
        switch self {
        case .begin(let key, let chain):
            writer.u8(1)
            writer.identifier(key)
            writer.identifier(chain)
        case .append(let floor, let entries):
            writer.u8(2)
            writer.ordinal(floor.epoch)
            writer.ordinal(floor.view)
            writer.count(entries.count)
            for entry in entries { entry.encode(into: &writer) }
        case .move(let segment):
            writer.u8(3)
            writer.u32(segment)
        }
    }
}
