public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

/// What nodes say to one another about the chain once their hellos fit, one message to a frame.
public enum NodeMessage: Sendable {
    case consensus(ConsensusMessage)
    case transaction(Transaction)
    case blockWanted(Digest)
    case block(Block)
    /// Final blocks from a height on, as many as fit.
    case rangeWanted(first: Height)
    case range(first: Height, [Block])

    public static let byteLimit = 4 << 20
    static let rangeLimit = 256
    /// What a range of blocks may weigh; one block always fits.
    public static let rangeBytes = 1 << 20

    /// Whether finality waits for it. What is not urgent may be large, and is sent behind what is.
    public var isUrgent: Bool {
        switch self {
        case .consensus(let message):
            if case .proposal = message.body { false } else { true }
        case .transaction, .blockWanted, .block, .rangeWanted, .range: false
        }
    }
}

extension NodeMessage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 2: self = .consensus(try ConsensusMessage(from: &reader))
        case 3: self = .transaction(try Transaction(from: &reader))
        case 4: self = .blockWanted(try reader.identifier())
        case 5: self = .block(try Block(from: &reader))
        case 6: self = .rangeWanted(first: try reader.ordinal())
        case 7:
            let first = try reader.ordinal(Height.self)
            let count = try reader.count(limit: Self.rangeLimit)
            var blocks: [Block] = []
            for _ in 0..<count { blocks.append(try Block(from: &reader)) }
            self = .range(first: first, blocks)
        default: throw .unknown("node message", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .consensus(let message):
            writer.u8(2)
            message.encode(into: &writer)
        case .transaction(let transaction):
            writer.u8(3)
            transaction.encode(into: &writer)
        case .blockWanted(let digest):
            writer.u8(4)
            writer.identifier(digest)
        case .block(let block):
            writer.u8(5)
            block.encode(into: &writer)
        case .rangeWanted(let first):
            writer.u8(6)
            writer.ordinal(first)
        case .range(let first, let blocks):
            writer.u8(7)
            writer.ordinal(first)
            writer.count(blocks.count)
            for block in blocks { block.encode(into: &writer) }
        }
    }
}
