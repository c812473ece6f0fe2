public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire
public import CairnWitness

/// What a node asks another for, out of the chain's past.
public enum HistoryRequest: Sendable, Hashable {
    /// A block that a quorum has named.
    case block(Digest)
    /// How epochs handed over, from one on.
    case handoffs(from: Epoch)
    /// Headers from a height downwards.
    case headers(last: Height, count: Int)
    /// What blocks order, from a height upwards.
    case payloads(first: Height, count: Int)
    /// The receipts that a verdict in a proposed block rests on.
    case receipts(WantedReceipts)
    /// Of what parts a snapshot of the state after a block is made.
    case snapshot(Height)
    /// A part of the snapshot with this list of parts.
    case chunk(UInt32, of: Digest)

    /// Headers or payloads in one answer.
    public static let itemLimit = 256
    /// Handoffs in one answer.
    public static let handoffLimit = 64
    /// What the payloads of an answer, or all its handoffs but the last, may weigh together; one always fits.
    public static let answerBytes = 384 << 10
    /// The longest question.
    public static let byteLimit = 80
}

/// What it gets: all that was asked for, or as many handoffs as there are. Who does not have it says so instead.
public enum HistoryAnswer: Sendable, Hashable {
    case block(Block)
    case handoffs([Handoff])
    /// Highest first.
    case headers([Header])
    case payloads([Payload])
    case receipts([EndorsedReveal])
    /// Those of a storage round, for the same question.
    case walkReceipts([SignedWalkReceipt])
    case snapshot(SnapshotContents)
    case chunk([UInt8])

    /// Of payloads or handoffs up to the bound, and one more that may be the largest there is.
    public static let byteLimit = HistoryRequest.answerBytes + (256 << 10)
}

extension HistoryRequest: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1: self = .block(try reader.identifier())
        case 2: self = .handoffs(from: try reader.ordinal())
        case 3: self = .headers(last: try reader.ordinal(), count: try Self.count(&reader))
        case 4: self = .payloads(first: try reader.ordinal(), count: try Self.count(&reader))
        case 5: self = .receipts(WantedReceipts(challenge: try reader.identifier(), root: try reader.identifier()))
        case 6: self = .snapshot(try reader.ordinal())
        case 7: self = .chunk(try reader.u32(), of: try reader.identifier())
        default: throw .unknown("history request", UInt64(kind))
        }
    }

    private static func count(_ reader: inout ByteReader) throws(DecodeError) -> Int {
        let count = Int(try reader.u16())
        guard (1...itemLimit).contains(count) else { throw .tooLarge(size: UInt64(count), limit: UInt64(itemLimit)) }
        return count
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .block(let digest):
            writer.u8(1)
            writer.identifier(digest)
        case .handoffs(let epoch):
            writer.u8(2)
            writer.ordinal(epoch)
        case .headers(let last, let count):
            writer.u8(3)
            writer.ordinal(last)
            writer.u16(UInt16(clamping: count))
        case .payloads(let first, let count):
            writer.u8(4)
            writer.ordinal(first)
            writer.u16(UInt16(clamping: count))
        case .receipts(let wanted):
            writer.u8(5)
            writer.identifier(wanted.challenge)
            writer.identifier(wanted.root)
        case .snapshot(let height):
            writer.u8(6)
            writer.ordinal(height)
        case .chunk(let number, let list):
            writer.u8(7)
            writer.u32(number)
            writer.identifier(list)
        }
    }
}

extension HistoryAnswer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1: self = .block(try Block(from: &reader))
        case 2: self = .handoffs(try reader.list(limit: HistoryRequest.handoffLimit))
        case 3: self = .headers(try reader.list(limit: HistoryRequest.itemLimit))
        case 4: self = .payloads(try reader.list(limit: HistoryRequest.itemLimit))
        case 5: self = .receipts(try reader.list(limit: Limits.Witness().commitsPerChallenge))
        case 6: self = .snapshot(try SnapshotContents(from: &reader))
        case 7: self = .chunk(try reader.bytes(limit: SnapshotHeader.chunkBytesMax))
        case 8: self = .walkReceipts(try reader.list(limit: RoundTally.witnesses + RoundTally.askedAgain))
        default: throw .unknown("history answer", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .block(let block):
            writer.u8(1)
            block.encode(into: &writer)
        case .handoffs(let handoffs):
            writer.u8(2)
            writer.list(handoffs)
        case .headers(let headers):
            writer.u8(3)
            writer.list(headers)
        case .payloads(let payloads):
            writer.u8(4)
            writer.list(payloads)
        case .receipts(let receipts):
            writer.u8(5)
            writer.list(receipts)
        case .snapshot(let contents):
            writer.u8(6)
            contents.encode(into: &writer)
        case .chunk(let bytes):
            writer.u8(7)
            writer.bytes(bytes)
        case .walkReceipts(let receipts):
            writer.u8(8)
            writer.list(receipts)
        }
    }
}
