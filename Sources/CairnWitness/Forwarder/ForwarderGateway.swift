public import CairnBase

/// What the node knows of one listed gateway.
public struct ForwarderGateway: Sendable {
    /// Where its last PULL_DATA came from.
    public internal(set) var downlink: Endpoint?
    public internal(set) var version: UInt8 = 2
    public internal(set) var lastHeard: Instant?
    public internal(set) var last: Reception?
    public internal(set) var beacons: UInt64 = 0
    public internal(set) var uplinks: UInt64 = 0
    public internal(set) var transmissions: UInt64 = 0
    /// Packets beyond the most that one datagram may carry.
    public internal(set) var surplus: UInt64 = 0
    /// By `PacketRefusal`.
    public internal(set) var refused = [UInt64](repeating: 0, count: PacketRefusal.allCases.count)
    /// What the gateway last said of itself, as it said it.
    public internal(set) var status: ForwarderStatus?
    var waiting: OrderedSet<UInt16> = []
    private var secondStarted = Instant.origin
    private var thisSecond = 0

    init() {}

    mutating func allows(_ now: Instant, perSecond: Int) -> Bool {
        if now.since(secondStarted) >= .seconds(1) {
            secondStarted = now
            thisSecond = 0
        }
        thisSecond += 1
        return thisSecond <= perSecond
    }

    mutating func note(_ value: LooseValue) { status = ForwarderStatus(value) }
}

/// The `stat` of a gateway: its own counters, and where it thinks it is. Hearsay, for people to read.
public struct ForwarderStatus: Sendable, Equatable {
    public let received: UInt32?
    public let valid: UInt32?
    public let forwarded: UInt32?
    public let sent: UInt32?
    /// In tenths of a percent: how many of its datagrams were acknowledged.
    public let acknowledged: Int32?
    public let latitude: Int32?
    public let longitude: Int32?

    init(_ value: LooseValue) {
        received = value["rxnb"]?.integer()
        valid = value["rxok"]?.integer()
        forwarded = value["rxfw"]?.integer()
        sent = value["txnb"]?.integer()
        acknowledged = value["ackr"]?.integer(places: 1)
        latitude = value["lati"]?.integer(places: 7)
        longitude = value["long"]?.integer(places: 7)
    }
}
