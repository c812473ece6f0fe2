public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

/// What nodes say to one another about the chain, one message to a frame.
public enum NodeMessage: Sendable {
    /// The first message of a connection, both ways.
    case hello(ChainHello)
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
        case .hello: true
        case .consensus(let message):
            if case .proposal = message.body { false } else { true }
        case .transaction, .blockWanted, .block, .rangeWanted, .range: false
        }
    }
}

/// Who a node is beside its key: what it must agree on with its peers, and what they tell people about it.
public struct ChainHello: Sendable, Equatable, Canonical {
    public static let version: UInt16 = 1

    public let version: UInt16
    public let chain: ChainID
    public let network: String
    public let agent: String
    public let height: Height
    /// Milliseconds since 1970 by the sender's clock, so that a wrong clock gets a name.
    public let time: UInt64

    static let textLimit = 64

    public init(chain: ChainID, network: String, agent: String, height: Height, time: UInt64) {
        version = Self.version
        self.chain = chain
        self.network = network
        self.agent = agent
        self.height = height
        self.time = time
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        version = try reader.u16()
        chain = try reader.identifier()
        network = try Self.text(&reader)
        agent = try Self.text(&reader)
        height = try reader.ordinal()
        time = try reader.u64()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(version)
        writer.identifier(chain)
        writer.bytes(Array(network.utf8))
        writer.bytes(Array(agent.utf8))
        writer.ordinal(height)
        writer.u64(time)
    }

    private static func text(_ reader: inout ByteReader) throws(DecodeError) -> String {
        let bytes = try reader.bytes(limit: textLimit)
        guard bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw .invalid("printable text") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Why two nodes do not belong together, in words for both of them.
    public func mismatch(with other: ChainHello) -> String? {
        if other.version != version { return "it speaks version \(other.version) of the protocol, we speak \(version)" }
        if other.chain != chain {
            return "it is on network \"\(other.network)\" (chain \(other.chain.short)), "
                + "we are on \"\(network)\" (chain \(chain.short))"
        }
        return nil
    }
}

extension NodeMessage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let kind = try reader.u8()
        switch kind {
        case 1: self = .hello(try ChainHello(from: &reader))
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
        case .hello(let hello):
            writer.u8(1)
            hello.encode(into: &writer)
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
