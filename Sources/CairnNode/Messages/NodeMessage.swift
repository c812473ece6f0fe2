public import CairnConsensus
public import CairnLedger
public import CairnWire

/// What nodes say to one another about the chain once their hellos fit, one message to a frame.
public enum NodeMessage: Sendable {
    case consensus(ConsensusMessage)
    case transaction(Transaction)

    public static let byteLimit = 4 << 20

    /// Whether finality waits for it. What is not urgent may be large, and is sent behind what is.
    public var isUrgent: Bool {
        switch self {
        case .consensus(let message):
            if case .proposal = message.body { false } else { true }
        case .transaction: false
        }
    }
}

extension NodeMessage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 2: self = .consensus(try ConsensusMessage(from: &reader))
        case 3: self = .transaction(try Transaction(from: &reader))
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
        }
    }
}
