public import CairnBase
public import CairnWire

/// What a client asks a holder under `/cairn/store/1`.
///
/// A piece is written in portions, in order; the portion that makes it whole is answered when the piece is durable. Who
/// was interrupted asks with `resume` how far it came.
public enum PieceQuestion: Sendable, Hashable {
    /// How much room there is.
    case offer
    /// Whether the piece is there, whole.
    case have(PieceName)
    /// How many bytes of the piece are there of those that this client began to write; begins it if there are none.
    case resume(PieceName)
    case write(PieceName, offset: UInt32, [UInt8])
    case read(PieceName, offset: UInt32, count: UInt32)
    /// Lets go of a piece that this client has put here.
    case remove(PieceName)
    /// Eight leaves of a piece with their paths, drawn from a start that the asker made up.
    case prove(PieceName, from: Digest)
    /// The list of an object's pieces, by its root.
    case list(Digest)
    /// Hands over a list, for an object of which this client has put a piece here.
    case tell(PieceList)
    /// Eight leaves of a shard, for a witness of a round.
    case show(ShardQuestion)
    /// The signed end of a walk over a sealed partition, for a witness of a round.
    case walk(RoundQuestion)
    /// The leaves that it went over.
    case leaves(RoundQuestion)
    /// The full check that it led to.
    case check(RoundQuestion)

    /// The bytes of one portion.
    public static let portion = 256 << 10
    /// A whole question, and a whole answer.
    public static let byteLimit = portion + 64
}

/// How a holder answers; the number is the status on the wire.
public enum PieceStatus: UInt8, Sendable, CaseIterable {
    /// With what was asked for, if anything.
    case well = 0
    /// It has no such piece, or this client did not put it there.
    case unknown = 1
    /// The question is none, or asks for bytes that no piece has.
    case malformed = 2
    /// The capacity that its owner gave is used up.
    case full = 3
    /// The disk is.
    case diskFull = 4
    /// What was written is not what the name says. Nothing of it is kept.
    case mismatch = 5
    /// It had the piece, and found it changed.
    case damaged = 6
    /// The portion does not begin where the last one ended; with the place, a u32.
    case outOfOrder = 7
    /// Too much is asked at once, or too fast.
    case busy = 8
    /// Its disk fails, or it keeps nothing any more.
    case unavailable = 9
}

/// What a holder has room for, in bytes.
public struct PieceOffer: Sendable, Hashable {
    public let capacity: UInt64
    public let used: UInt64

    public init(capacity: UInt64, used: UInt64) {
        self.capacity = capacity
        self.used = used
    }

    public var free: UInt64 { capacity > used ? capacity - used : 0 }
}

extension PieceOffer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        capacity = try reader.u64()
        used = try reader.u64()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(capacity)
        writer.u64(used)
    }
}

extension PieceQuestion: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        switch try reader.u8() {
        case 0: self = .offer
        case 1: self = .have(try reader.value())
        case 2: self = .resume(try reader.value())
        case 3:
            let (name, offset): (PieceName, UInt32) = (try reader.value(), try reader.u32())
            let bytes = try reader.bytes(limit: Self.portion)
            try Self.check(offset, bytes.count, of: name)
            self = .write(name, offset: offset, bytes)
        case 4:
            let (name, offset, count): (PieceName, UInt32, UInt32) =
                (try reader.value(), try reader.u32(), try reader.u32())
            guard count <= Self.portion else { throw .tooLarge(size: UInt64(count), limit: UInt64(Self.portion)) }
            try Self.check(offset, Int(count), of: name)
            self = .read(name, offset: offset, count: count)
        case 5: self = .remove(try reader.value())
        case 6: self = .prove(try reader.value(), from: try reader.identifier())
        case 7: self = .list(try reader.identifier())
        case 8: self = .tell(try reader.value())
        case 9: self = .show(try reader.value())
        case 10: self = .walk(try reader.value())
        case 11: self = .leaves(try reader.value())
        case 12: self = .check(try reader.value())
        case let kind: throw .unknown("question about a piece", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .offer: writer.u8(0)
        case .have(let name):
            writer.u8(1)
            writer.value(name)
        case .resume(let name):
            writer.u8(2)
            writer.value(name)
        case .write(let name, let offset, let bytes):
            writer.u8(3)
            writer.value(name)
            writer.u32(offset)
            writer.bytes(bytes)
        case .read(let name, let offset, let count):
            writer.u8(4)
            writer.value(name)
            writer.u32(offset)
            writer.u32(count)
        case .remove(let name):
            writer.u8(5)
            writer.value(name)
        case .prove(let name, let start):
            writer.u8(6)
            writer.value(name)
            writer.identifier(start)
        case .list(let root):
            writer.u8(7)
            writer.identifier(root)
        case .tell(let list):
            writer.u8(8)
            writer.value(list)
        case .show(let question):
            writer.u8(9)
            writer.value(question)
        case .walk(let question):
            writer.u8(10)
            writer.value(question)
        case .leaves(let question):
            writer.u8(11)
            writer.value(question)
        case .check(let question):
            writer.u8(12)
            writer.value(question)
        }
    }

    /// A portion holds something and lies within its piece.
    private static func check(_ offset: UInt32, _ count: Int, of name: PieceName) throws(DecodeError) {
        guard count > 0, Int(offset) <= name.byteCount - count else { throw .invalid("portion of a piece") }
    }
}
