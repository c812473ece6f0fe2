public import CairnBase
public import CairnWire

/// What two nodes must agree on before they work together, and what they tell people about themselves.
///
/// It is the question and the answer of `/cairn/hello/1`: the dialing end asks with its own, the other answers with its
/// own and with the number of the reason when they do not fit. Both can name the reason, because both have both.
public struct PeerHello: Sendable, Equatable, Canonical {
    public static let version: UInt16 = 1
    static let textLimit = 64
    static let kind = RequestKind(
        "hello", .urgent, questionLimit: 256, answerLimit: 256, time: Limits.Connections().handshakeTime)

    /// Why two nodes do not belong together. The number is the status of the answer.
    public enum Misfit: UInt8, Sendable, CaseIterable {
        /// They speak different versions of our protocols.
        case version = 1
        case chain = 2
        case clock = 3
        /// The answering node takes part in nothing.
        case idle = 4
    }

    public let version: UInt16
    public let chain: ChainID
    public let network: String
    public let agent: String
    public let height: Height
    /// Milliseconds since 1970 by the sender's clock, so that a wrong clock gets a name.
    public let time: UInt64

    public init(
        version: UInt16 = Self.version, chain: ChainID, network: String, agent: String, height: Height, time: UInt64
    ) {
        self.version = version
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

    /// Why two nodes do not fit; nil when they do. Both ends come to the same answer.
    public func misfit(with other: PeerHello, clockDifference: TimeSpan) -> Misfit? {
        if other.version != version { return .version }
        if other.chain != chain { return .chain }
        let apart = other.time > time ? other.time - time : time - other.time
        return apart > clockDifference.milliseconds ? .clock : nil
    }

    /// The same in words, as this node tells its people.
    public func sentence(_ misfit: Misfit, with other: PeerHello) -> String {
        switch misfit {
        case .version: "it speaks version \(other.version) of the protocol, we speak \(version)"
        case .chain:
            "it is on network \"\(other.network)\" (chain \(other.chain.short)), "
                + "we are on \"\(network)\" (chain \(chain.short))"
        case .clock where other.time > time: "its clock is \((other.time - time) / 1_000) s ahead of ours"
        case .clock: "its clock is \((time - other.time) / 1_000) s behind ours"
        case .idle: "it takes part in no network"
        }
    }
}
