public import CairnBase
public import CairnWire

/// What happens to an `AddressBook`.
public enum AddressBookInput: Sendable {
    case start
    /// A peer listens there, as `informant`, who is at `source`, passed on with the peer's own signature.
    case learned(NodeID, at: Endpoint, from: NodeID, source: IPAddress)
    /// A name that the owner of this node trusts to list peers lists this one. It is told once in a round, and not often.
    case listed(NodeID, at: Endpoint, by: DNSName)
    /// It proved its key at this address, to which we had written first.
    case reached(NodeID, at: Endpoint)
    /// A connection to it came to nothing.
    case failed(NodeID)
    /// A peer of our network is connected.
    case joined(NodeID, at: Endpoint, isOutbound: Bool)
    case left(NodeID)
    /// Whom to have nothing to do with from now on: nodes are forgotten, addresses left alone.
    case banned(Banned)
    case timer
}

/// What an `AddressBook` wants done.
public enum AddressBookEffect: Sendable, Equatable {
    /// Try to reach the peer there, once; come back with `reached` or `failed`.
    case reach(NodeID, at: Endpoint)
    /// Write the book's bytes to disk.
    case save
    case setTimer(at: Instant)
}

/// The paces of an `AddressBook` that are no limits.
public struct AddressBookSettings: Sendable {
    public var limits = Limits.Addresses()
    /// Peers that were dialled and are connected: below this many, others are tried.
    public var outbound = 8
    public var candidatePause: TimeSpan = .seconds(1)
    public var feelerPause: TimeSpan = .seconds(120)
    /// Whoever was reached this lately does not lose its place to another.
    public var immunity: TimeSpan = .seconds(4 * 3_600)
    /// A contest for a place that could not be decided by a try for so long goes to the newcomer.
    public var contestTime: TimeSpan = .seconds(40 * 60)
    /// What a try may take, with its handshake.
    public var tryTime: TimeSpan = .seconds(20)
    public var savePause: TimeSpan = .seconds(300)
    /// After the anchors changed.
    public var urgentSavePause: TimeSpan = .seconds(5)
    public var anchors = 2
    public var contests = 10
    /// One informant's burst comes back at one address in this time.
    public var learnedPause: TimeSpan = .seconds(10)
    public var informants = 512

    public init() {}
}

/// What an `AddressBook` has seen.
public struct AddressBookCounters: Sendable, Equatable {
    public var learned: UInt64 = 0
    /// Told by somebody who told too much.
    public var overtold: UInt64 = 0
    /// Addresses nobody can reach, or private ones told by public peers.
    public var unreachable: UInt64 = 0
    /// No place was free for it.
    public var crowdedOut: UInt64 = 0
    public var tries: UInt64 = 0
    public var feelers: UInt64 = 0
    public var reached: UInt64 = 0
    public var failed: UInt64 = 0
    /// Places of the tried that went to another after a test.
    public var evicted: UInt64 = 0
}
