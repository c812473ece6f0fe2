public import CairnBase
public import CairnWire

/// What is done on purpose to the traffic, the clock and the votes of a node that is tested; all of it together, as one
/// value.
public struct NodeFaults: Sendable, Equatable {
    /// Addresses that this node neither reaches nor hears, sorted.
    public var cut: [IPAddress] = []
    /// How much later than usual everything leaves.
    public var delay = TimeSpan.zero
    /// Of a million datagrams, how many are lost on their way out.
    public var lossPPM: UInt64 = 0
    /// How many milliseconds the node's calendar is ahead; negative when it is behind.
    public var skew: Int64 = 0
    /// Whether the validator contradicts each of its votes.
    public var equivocates = false

    /// As many addresses as a testnet has nodes, a minute, everything, and a day.
    private static let limits = (
        cut: 128, delay: TimeSpan.seconds(60), loss: UInt64(1_000_000), skew: Int64(86_400_000)
    )

    public init() {}

    public var isEmpty: Bool { self == NodeFaults() }

    public var json: JSON {
        [
            "schema": "cairn.faults/1", "cut": .array(cut.map { .string("\($0)") }),
            "delay_ms": JSON(delay.milliseconds), "loss_ppm": JSON(lossPPM), "skew_ms": JSON(skew),
            "equivocates": .bool(equivocates),
        ]
    }

    /// Nil when something is missing, of the wrong kind or out of bounds.
    public init?(_ document: JSON) {
        guard let cut = document["cut"]?.array, cut.count <= Self.limits.cut,
            let delay = document["delay_ms"]?.integer(UInt64.self), delay <= Self.limits.delay.milliseconds,
            let loss = document["loss_ppm"]?.integer(UInt64.self), loss <= Self.limits.loss,
            let skew = document["skew_ms"]?.integer(Int64.self), (-Self.limits.skew...Self.limits.skew).contains(skew),
            let equivocates = document["equivocates"]?.bool
        else { return nil }
        for item in cut {
            guard let address = item.string.flatMap({ IPAddress($0) }) else { return nil }
            self.cut.append(address)
        }
        self.cut.sort()
        self.delay = .milliseconds(delay)
        lossPPM = loss
        self.skew = skew
        self.equivocates = equivocates
    }
}
