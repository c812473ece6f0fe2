public import CairnBase
public import CairnWire

/// What happens to a `SeedLookup`.
public enum SeedInput: Sendable {
    /// How many members are present, and whom this machine asks about names.
    case members(Int, servers: [Endpoint])
    case received([UInt8], from: Endpoint)
    case timer
}

/// What a `SeedLookup` wants done.
public enum SeedEffect: Sendable, Equatable {
    /// From a port that the kernel draws, another in every round.
    case send([UInt8], to: Endpoint)
    /// The name lists this peer there. Nobody has proven anything yet.
    case found(NodeID, at: Endpoint, by: DNSName)
    case setTimer(at: Instant)
    /// Nothing is on its way: the port may be closed.
    case rested
}

/// Times and numbers of `SeedLookup`.
public struct SeedSettings: Sendable {
    /// With so many members present nobody is asked.
    public var enough = 4
    /// What those whom a node knows already have to answer, before anybody is asked.
    public var patience = TimeSpan.seconds(5)
    /// Between two rounds, twice as long after each, up to the longest.
    public var pause = TimeSpan.seconds(30)
    public var longestPause = TimeSpan.seconds(3_600)
    /// A question is repeated after this, to the next server.
    public var repetition = TimeSpan.seconds(2)
    public var tries = 4
    public var servers = 3
    /// Of one name in one round: no name decides alone whom a node knows.
    public var peersPerName = 8
    /// For a network on one machine or behind one router; elsewhere names that list such addresses lie.
    public var takesPrivate = false

    public init() {}
}

/// What a `SeedLookup` has seen.
public struct SeedCounters: Sendable, Equatable {
    public var rounds: UInt64 = 0
    public var asked: UInt64 = 0
    public var answered: UInt64 = 0
    /// The server knows nothing of the name.
    public var refused: UInt64 = 0
    public var silent: UInt64 = 0
    public var found: UInt64 = 0
    /// Texts that name no peer this node can dial, or more than it takes.
    public var unusable: UInt64 = 0
    /// Datagrams from elsewhere, unreadable ones, and answers that nobody waited for.
    public var foreign: UInt64 = 0
    public var malformed: UInt64 = 0
    public var unasked: UInt64 = 0

    public init() {}
}
