public import CairnBase
public import CairnWire

/// What happens to a `Reachability`.
public enum ReachabilityInput: Sendable {
    /// A member is connected, from or at this address.
    case joined(NodeID, at: IPAddress, isOutbound: Bool)
    case left(NodeID)
    /// A connected member says that it sees us come from there.
    case observed(IPAddress, by: NodeID)
    /// The router says that it passes on what comes there; nil: nothing any more.
    case mapped(Endpoint?)
    /// An asked member's answer, whose signature holds under the key of whoever it says has dialled.
    case answered(Verified<DialBackResult>, from: NodeID)
    /// An asked member refuses, does not know the question, or has left.
    case failed(NodeID)
    case timer
}

/// What a `Reachability` wants done.
public enum ReachabilityEffect: Sendable, Equatable {
    case ask(NodeID, DialBackQuestion)
    /// From now on this is so, at this address.
    case changed(Reachability.State, Endpoint?)
    case setTimer(at: Instant)
}

/// How many are believed, and how often they are asked.
public struct ReachabilitySettings: Sendable {
    /// Outbound peers that must name a public address, and the districts they must be of.
    public var observers = 4
    public var districts = 3
    /// The same for a private address, which nobody outside is told of: enough for networks of a few machines.
    public var privateObservers = 2
    /// Who is asked to dial in one round, and whose equal words decide it; a private address can do with one.
    public var wanted = 3
    public var quorum = 2
    public var privateQuorum = 1
    /// Askings of one round, those in vain included.
    public var tries = 6
    public var members = 512
    /// From the first member, or a new address, to the first question.
    public var settling = TimeSpan.seconds(2)
    /// Between rounds at least; while too little is known; and once something is.
    public var shortest = TimeSpan.seconds(15)
    public var whileUnknown = TimeSpan.seconds(20)
    public var between = TimeSpan.seconds(600)
    public var answerTime = TimeSpan.seconds(15)
    /// Between the dialler's clock and ours.
    public var clockDifference = TimeSpan.seconds(60)

    public init() {}
}

/// What a `Reachability` has seen.
public struct ReachabilityCounters: Sendable, Equatable {
    public var asked: UInt64 = 0
    public var reached: UInt64 = 0
    public var unreached: UInt64 = 0
    public var failed: UInt64 = 0
    /// Answers that nobody had asked for, of another round, about another address, by or about somebody else, or old.
    public var strange: UInt64 = 0
    /// Members for whom there was no room.
    public var dropped: UInt64 = 0
}
