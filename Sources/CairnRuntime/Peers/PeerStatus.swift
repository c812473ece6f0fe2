public import CairnBase
public import CairnTransport

/// What is known about a peer, for people and for the API.
public struct PeerStatus: Sendable, Equatable {
    public enum State: String, Sendable {
        /// Connected, and of our network.
        case member
        /// Connected over libp2p, and speaking none of our protocols.
        case stranger
        /// Connected, and has not said hello yet.
        case introducing
        /// Under way.
        case dialling
        /// Not connected; dialled again at `nextTry`.
        case waiting
        /// Not connected and not wanted; how it ended is remembered for a while.
        case gone
    }

    public let node: NodeID
    public var state: State
    public var endpoint: Endpoint?
    public var isOutbound = true
    public var since: Instant?
    public var roundTrip: TimeSpan?
    public var hello: PeerHello?
    /// Milliseconds that its clock was ahead of ours when it said hello.
    public var clockOffset: Int64?
    public var identity: IdentifyMessage?
    public var usage = Connection.Usage()
    public var heldBytes = 0
    public var messages = Switchboard.Merit()
    public var nextTry: Instant?
    public var failures: UInt64 = 0
    /// Why the last connection ended, and when.
    public var lastEnd: PeerDeparture?

    init(_ node: NodeID, _ state: State) {
        self.node = node
        self.state = state
    }
}

public struct PeerDeparture: Sendable, Equatable {
    public let reason: String
    public let at: Instant
    public let endpoint: Endpoint?
}

/// What a peer network counts; labels are the raw values of the reasons.
public struct PeerCounters: Sendable {
    public internal(set) var admitted: UInt64 = 0
    public internal(set) var dialled: UInt64 = 0
    public internal(set) var established: UInt64 = 0
    public internal(set) var introduced: UInt64 = 0
    public internal(set) var misfits: UInt64 = 0
    /// Messages that were not queued because too much waited already.
    public internal(set) var refusedMessages: UInt64 = 0
    /// Of ours to members; those that were given up before an answer came, and those that none came to.
    public internal(set) var questions: UInt64 = 0
    public internal(set) var cancelledQuestions: UInt64 = 0
    public internal(set) var failedQuestions: UInt64 = 0
    public internal(set) var refused: [String: UInt64] = [:]
    public internal(set) var parted: [String: UInt64] = [:]
}
