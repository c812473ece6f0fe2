public import CairnBase
public import CairnWire

/// Who is banned: a node, wherever it is, or whoever is at an address.
public enum BanSubject: Sendable, Hashable, Comparable {
    case node(NodeID)
    case address(IPAddress)
}

/// What no honest node does, and what was seen on a link or session that the peer's own key authenticates.
public enum Offence: UInt8, Sendable, CaseIterable {
    /// Several messages by topic that do not hold, or bytes that are no envelope.
    case invalidMessages = 1
    /// It passed on a record whose signature is not its subject's.
    case forgedRecord = 2
    case oversizeMessage = 3
    /// It broke the protocol of the streams.
    case brokenStreams = 4
    /// It claims another key than it has proven.
    case falseKey = 5
}

/// One ban, or the memory of one that is over. Times are Unix seconds.
public struct Ban: Sendable, Equatable {
    public enum Cause: Sendable, Equatable {
        /// The operator's word.
        case owner
        case offence(Offence)
        /// Several nodes at the address were banned one after the other.
        case crowd
    }

    public let subject: BanSubject
    public let cause: Cause
    /// What the operator said about it.
    public let note: String
    public let since: UInt64
    public let until: UInt64
    /// How often it was banned for an offence, this time included.
    public let times: UInt32
    /// Where it was then.
    let place: IPAddress?

    public static let noteLimit = 200
}

extension Ban: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        subject = try reader.bool() ? .node(reader.identifier()) : .address(Self.address(&reader))
        let cause = try reader.u8()
        switch cause {
        case 0: self.cause = .owner
        case 255: self.cause = .crowd
        default:
            guard let offence = Offence(rawValue: cause) else { throw .unknown("cause of a ban", UInt64(cause)) }
            self.cause = .offence(offence)
        }
        note = try reader.string(limit: Self.noteLimit)
        since = try reader.u64()
        until = try reader.u64()
        times = try reader.u32()
        place = try reader.bool() ? Self.address(&reader) : nil
    }

    public func encode(into writer: inout ByteWriter) {
        switch subject {
        case .node(let node):
            writer.bool(true)
            writer.identifier(node)
        case .address(let address):
            writer.bool(false)
            Self.write(address, &writer)
        }
        switch cause {
        case .owner: writer.u8(0)
        case .offence(let offence): writer.u8(offence.rawValue)
        case .crowd: writer.u8(255)
        }
        writer.string(note)
        writer.u64(since)
        writer.u64(until)
        writer.u32(times)
        writer.bool(place != nil)
        if let place { Self.write(place, &writer) }
    }

    private static func address(_ reader: inout ByteReader) throws(DecodeError) -> IPAddress {
        try IPAddress(high: reader.u64(), low: reader.u64())
    }

    private static func write(_ address: IPAddress, _ writer: inout ByteWriter) {
        writer.u64(address.high)
        writer.u64(address.low)
    }

    static let longest = 1 + 32 + 1 + 4 + noteLimit + 8 + 8 + 4 + 1 + 16
}
