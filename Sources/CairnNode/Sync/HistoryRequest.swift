public import CairnBase
public import CairnConsensus
public import CairnWire

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

    /// Headers or payloads in one answer.
    public static let itemLimit = 256
    /// Handoffs in one answer.
    public static let handoffLimit = 64
    /// What the payloads of an answer may weigh together; one always fits.
    public static let answerBytes = 1 << 20
}

/// What it gets. An answer without items means that the other does not have them.
public enum HistoryAnswer: Sendable, Hashable {
    case block(Block)
    case handoffs(from: Epoch, [Handoff])
    /// Highest first.
    case headers(last: Height, [Header])
    case payloads(first: Height, [Payload])

    var isEmpty: Bool {
        switch self {
        case .block: false
        case .handoffs(_, let handoffs): handoffs.isEmpty
        case .headers(_, let headers): headers.isEmpty
        case .payloads(_, let payloads): payloads.isEmpty
        }
    }

    /// Whether this is what was asked for, and not more.
    func answers(_ request: HistoryRequest) -> Bool {
        switch (self, request) {
        case (.handoffs(let from, _), .handoffs(let wanted)): from == wanted
        case (.headers(let last, let headers), .headers(let wanted, let count)):
            last == wanted && headers.count <= count
        case (.payloads(let first, let payloads), .payloads(let wanted, let count)):
            first == wanted && payloads.count <= count
        default: false
        }
    }
}

extension HistoryRequest: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1: self = .block(try reader.identifier())
        case 2: self = .handoffs(from: try reader.ordinal())
        case 3: self = .headers(last: try reader.ordinal(), count: try Self.count(&reader))
        case 4: self = .payloads(first: try reader.ordinal(), count: try Self.count(&reader))
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
        }
    }
}

extension HistoryAnswer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1: self = .block(try Block(from: &reader))
        case 2:
            self = .handoffs(
                from: try reader.ordinal(), try reader.list(limit: HistoryRequest.handoffLimit))
        case 3: self = .headers(last: try reader.ordinal(), try reader.list(limit: HistoryRequest.itemLimit))
        case 4: self = .payloads(first: try reader.ordinal(), try reader.list(limit: HistoryRequest.itemLimit))
        default: throw .unknown("history answer", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .block(let block):
            writer.u8(1)
            block.encode(into: &writer)
        case .handoffs(let epoch, let handoffs):
            writer.u8(2)
            writer.ordinal(epoch)
            writer.list(handoffs)
        case .headers(let last, let headers):
            writer.u8(3)
            writer.ordinal(last)
            writer.list(headers)
        case .payloads(let first, let payloads):
            writer.u8(4)
            writer.ordinal(first)
            writer.list(payloads)
        }
    }
}
