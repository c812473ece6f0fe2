public import CairnBase
public import CairnWire

/// What happens to a `Membership`.
public enum MembershipInput: Sendable {
    case start(seeds: [Endpoint])
    /// Somebody showed its record and is at this address.
    case introduced(Verified<NodeRecord>, at: Endpoint)
    /// A message of the authenticated sender; records in it were not checked yet.
    case received(MembershipMessage, from: NodeID, at: Endpoint)
    /// A record out of a message whose signature holds, and who passed it on.
    case checked(Verified<NodeRecord>, from: NodeID)
    /// Who is no member from now on, whatever is said of it.
    case banned(Banned)
    /// Our own record, newly signed, as asked for by `sign`.
    case signed(NodeRecord)
    case timer
}

/// What a `Membership` wants done.
public enum MembershipEffect: Sendable, Equatable {
    case send(MembershipMessage, to: NodeID)
    /// Check the signature; come back with `checked`.
    case check(NodeRecord, from: NodeID)
    /// The UDP plane may reach this node there.
    case contact(NodeID, key: Bytes32, at: Endpoint)
    case forget(NodeID)
    /// Ask whose address this is.
    case ask(Endpoint)
    /// Sign our record anew under this sequence.
    case sign(sequence: UInt64)
    case changed(NodeID, Endpoint, Member.State)
    case setTimer(at: Instant)
}

/// The paces of a `Membership` that are no limits.
public struct MembershipSettings: Sendable {
    public var limits = Limits.Membership()
    /// Between two tries of one probe, at least; two round trips where those are longer.
    public var patience: TimeSpan = .milliseconds(150)
    public var roundTripsPerTry: UInt64 = 2
    /// Direct tries of one probe; helpers are asked from the third on.
    public var tries = 5
    /// Each death of a member that came back doubles the shortest suspicion of it, so many times at most; one is forgotten
    /// in this time.
    public var relapsesCounted: UInt64 = 3
    public var relapseMemory: TimeSpan = .seconds(600)
    /// Between two spreadings of the same news.
    public var spreadPause: TimeSpan = .milliseconds(100)
    public var fanOut = 3
    public var firstDigests: TimeSpan = .seconds(10)
    public var firstDigestPause: TimeSpan = .seconds(1)
    public var digestPause: TimeSpan = .seconds(15)
    /// Between two mixings of a view that is partial: each brings names to ask, most of them by a handshake.
    public var samplePause: TimeSpan = .seconds(60)
    public var deadProbePause: TimeSpan = .seconds(5)

    public init() {}
}

/// What a `Membership` has seen.
public struct MembershipCounters: Sendable, Equatable {
    public var probes: UInt64 = 0
    public var failedProbes: UInt64 = 0
    public var suspicions: UInt64 = 0
    public var deaths: UInt64 = 0
    public var refutations: UInt64 = 0
    /// Suspicions of others that were not followed, because their author has voiced too many.
    public var unheeded: UInt64 = 0
    /// Records with a sequence too far ahead, an address nobody can reach, or no room.
    public var refusedRecords: UInt64 = 0
    /// Records of nodes that we do not know, beyond what their informant may tell.
    public var overtold: UInt64 = 0
}
