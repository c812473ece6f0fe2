public import CairnBase
public import CairnWire

/// One peer, where it says it listens, and what came of trying. Times are Unix seconds; zero is never.
public struct AddressEntry: Sendable, Equatable {
    public let node: NodeID
    public let endpoint: Endpoint
    /// The district of who told us first.
    let source: UInt64
    var lastHeard: UInt64
    public internal(set) var lastTry: UInt64 = 0
    public internal(set) var lastReached: UInt64 = 0
    /// Tries in vain since it was last reached.
    public internal(set) var failures: UInt32 = 0
    /// Its place is in the table of those that were reached.
    public internal(set) var isTried = false
    /// Where it stands in its table: at one place when tried, at up to eight when it was only heard of.
    var places: [Place] = []

    /// A slot of a bucket: the bucket's number times the slots of one, plus the slot.
    typealias Place = UInt32

    init(_ node: NodeID, at endpoint: Endpoint, source: UInt64, heard: UInt64) {
        (self.node, self.endpoint, self.source, lastHeard) = (node, endpoint, source, heard)
    }

    /// Whether a try is worth it again: the longer the more often it failed.
    func isDue(_ now: UInt64) -> Bool {
        guard failures > 0 else { return now >= lastTry &+ Self.breath }
        return now >= lastTry &+ min(Self.day, 60 << UInt64(min(failures - 1, 16)))
    }

    /// It has no claim to its place any more: never reached in three tries, or not in a week of ten, or not heard of for a month.
    func isWorthless(_ now: UInt64) -> Bool {
        if lastReached == 0 { return failures >= 3 || now > lastHeard &+ 30 * Self.day }
        return failures >= 10 && now > lastReached &+ 7 * Self.day
    }

    private static let breath: UInt64 = 10
    private static let day: UInt64 = 86_400
}

extension AddressEntry: Canonical {
    /// Without its places: they follow from the rest and the book's secret.
    public func encode(into writer: inout ByteWriter) {
        writer.identifier(node)
        endpoint.encode(into: &writer)
        for time in [source, lastHeard, lastTry, lastReached] { writer.u64(time) }
        writer.u32(failures)
        writer.bool(isTried)
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        node = try reader.identifier()
        endpoint = try Endpoint(from: &reader)
        source = try reader.u64()
        lastHeard = try reader.u64()
        lastTry = try reader.u64()
        lastReached = try reader.u64()
        failures = try reader.u32()
        isTried = try reader.bool()
    }

    static let longest = 32 + 19 + 4 * 8 + 4 + 1
}
