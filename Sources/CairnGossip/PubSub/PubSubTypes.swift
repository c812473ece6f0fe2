public import CairnBase

/// What happens to a `PubSub`.
public enum PubSubInput: Sendable {
    case start
    /// A topic to take part in. Peers' subscriptions to topics never named here are not kept.
    case subscribe(Topic, TopicSettings)
    case unsubscribe(Topic)
    /// A peer can be written to.
    case joined(NodeID, PubSubPeer)
    case left(NodeID)
    /// A peer that was a stranger has said that it is of our network.
    case introduced(NodeID)
    case measured(NodeID, roundTrip: TimeSpan)
    /// What the application thinks of a peer, in thousandths of points.
    case regarded(NodeID, Int)
    /// A message of our own.
    case publish(GossipMessage)
    case received(GossipEnvelope, from: NodeID)
    /// A peer sent what is no envelope.
    case unreadable(from: NodeID)
    /// What came of `judge`.
    case judged(MessageID, MessageJudgement)
    case timer
}

/// What a `PubSub` wants done.
public enum PubSubEffect: Sendable, Equatable {
    case send(GossipEnvelope, to: NodeID)
    /// Check the signature and the content, and come back with `judged`.
    case judge(GossipMessage, from: NodeID)
    /// So many of its messages did not hold that nobody honest is behind it.
    case offended(NodeID)
    case setTimer(at: Instant)
}

/// What the application makes of a message.
public enum MessageJudgement: Sendable, Equatable {
    /// It holds and is passed on.
    case accept
    /// Of no use, and nobody's fault.
    case ignore
    /// Its content is against the rules, whoever signed it.
    case reject
    /// Its signature is not its author's; the same content may still come from another.
    case forged
    /// Nobody had time for it: as if it had not come.
    case overloaded
}

/// What a peer speaks and how it is reached.
public struct PubSubPeer: Sendable, Equatable {
    public enum Version: String, Sendable, Comparable, CaseIterable {
        case floodsub = "/floodsub/1.0.0"
        case gossipsub11 = "/meshsub/1.1.0"
        case gossipsub12 = "/meshsub/1.2.0"

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
        public static func < (left: Version, right: Version) -> Bool { left.rank < right.rank }
    }

    public var version: Version
    /// Whether we chose it: an attacker chooses who comes to us.
    public var isOutbound: Bool
    public var endpoint: Endpoint?
    public var roundTrip: TimeSpan?
    /// Of our network, and so passes on only what it has checked. Any other libp2p node may not know how to.
    public var isOfOurs: Bool

    public init(
        _ version: Version, isOutbound: Bool, isOfOurs: Bool = false, endpoint: Endpoint? = nil,
        roundTrip: TimeSpan? = nil
    ) {
        self.version = version
        self.isOutbound = isOutbound
        self.isOfOurs = isOfOurs
        self.endpoint = endpoint
        self.roundTrip = roundTrip
    }
}

/// The shape of one topic's mesh.
public struct TopicSettings: Sendable, Equatable {
    /// Links wanted, and how few and how many are borne.
    public var degree = 6
    public var low = 5
    public var high = 12
    /// How many of them we chose ourselves, at least.
    public var outbound = 2
    /// How many are the nearest there are. Those beyond them are there by chance, and no nearer one takes their place.
    public var near = 6

    public init() {}

    /// Of a network of so many members. While it is small one's own small messages reach most of it at once, and a link
    /// less is enough for what is left.
    public init(among members: Int) {
        guard members <= Self.small else { return }
        (degree, near) = (5, 5)
    }

    private static let small = 200
}

/// The paces of a `PubSub` that are no limits.
public struct PubSubSettings: Sendable {
    public var limits = Limits.Gossip()
    public var score = ScoreSettings()
    public var heartbeat = TimeSpan.seconds(1)
    /// Messages up to this size go to the whole mesh at once; larger ones to `eagerCopies` of it, and the others are told.
    public var eagerLimit = 8 << 10
    public var eagerCopies = 2
    /// Who gets a message larger than this says so to the others.
    public var quietLimit = 1 << 10
    /// How long a message that was announced may still come by itself, and when another announcer is asked.
    public var pullPause = TimeSpan.milliseconds(90)
    public var retryPause = TimeSpan.milliseconds(500)
    public var promiseTime = TimeSpan.seconds(3)
    public var fanoutTime = TimeSpan.seconds(60)
    /// Peers outside the mesh that hear of messages at a heartbeat: at least, and one in so many.
    public var lazyDegree = 6
    public var lazyShare = 4
    /// Links that are made as soon as there is somebody: the others wait for the heartbeat, when more are known to choose
    /// the nearest from.
    public var meshAtOnce = 2
    public var windowsKept = 5
    public var windowsTold = 3
    /// Heartbeats between two looks for better mesh peers.
    public var improveEvery: UInt64 = 10
    public var backoffSlack = TimeSpan.seconds(1)
    /// Early grafts within this time after the prune count twice.
    public var hastyGraft = TimeSpan.seconds(10)

    public init() {}
}

/// What a `PubSub` has seen.
public struct PubSubCounters: Sendable, Equatable {
    public var published: UInt64 = 0
    public var accepted: UInt64 = 0
    public var ignored: UInt64 = 0
    public var rejected: UInt64 = 0
    public var forged: UInt64 = 0
    public var duplicates: UInt64 = 0
    public var forwarded: UInt64 = 0
    public var served: UInt64 = 0
    /// Messages of topics we take no part in, with our own name, or for which there was no room.
    public var foreign: UInt64 = 0
    public var echoes: UInt64 = 0
    public var crowded: UInt64 = 0
    /// Envelopes that were no envelopes, of peers below the graylist, and what was cut from others.
    public var unreadable: UInt64 = 0
    public var graylisted: UInt64 = 0
    public var malformed: UInt64 = 0
    public var excess: UInt64 = 0
    public var offeredPeers: UInt64 = 0
    public var ignoredAnnouncements: UInt64 = 0
    public var ignoredRequests: UInt64 = 0
    public var ignoredRefusals: UInt64 = 0
    public var earlyGrafts: UInt64 = 0
    public var brokenPromises: UInt64 = 0
}
