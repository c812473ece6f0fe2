extension Limits {
    /// The UDP plane.
    public struct Datagrams: Sendable, Hashable {
        /// Fits the smallest IPv6 packet. Larger and shorter datagrams are dropped unread.
        public var largest = 1_200
        public var smallest = 40
        /// Sealed datagrams of one peer that are opened.
        public var perSecondFromPeer = 400
        /// Before a session exists: over all sources, and from one /24 or /56.
        public var handshakesPerSecond = 200
        public var handshakesPerSecondPerSubnet = 10
        /// An initiation is padded to this, so that no reply is longer than what asked for it.
        public var initiationPadding = 512
        /// Above this many in a second only those who prove their address by a cookie are heard.
        public var handshakesPerSecondWithoutCookie = 100
        /// Cookies that are handed out for it; each is an eighth of what asked.
        public var cookiesPerSecond = 2_000
        /// Sessions whose initiators have not shown yet that they are where they said.
        public var halfOpen = 256
        public var handshakeTries = 5
        public var firstHandshakePause = TimeSpan.milliseconds(250)
        /// Peers with whom there is a session or a wish for one, and subnets that are told apart.
        public var peers = 1_024
        public var subnets = 1_024
        /// Addresses that were asked whose they are.
        public var questions = 64
        /// Messages to one peer that wait for a session or for the end of the turn.
        public var waitingPerPeer = 32
        public var replayWindow = 2_048
        public var datagramsPerKey: UInt64 = 1 << 20
        public var keyLifetime = TimeSpan.seconds(120)
        /// How much longer than that a session still opens what arrives.
        public var oldKeyLifetime = TimeSpan.seconds(10)

        public init() {}
    }

    /// TCP connections and the sockets below them.
    public struct Connections: Sendable, Hashable {
        public var inbound = 64
        public var outbound = 16
        public var perAddress = 3
        public var inboundPerSubnet24 = 8
        public var outboundPerSubnet16 = 1
        /// So many of the outbound slots are filled at once, the others one per pause; and one passes on in each rotation.
        public var outboundAtOnce = 8
        public var choicePause = TimeSpan.milliseconds(250)
        public var rotation = TimeSpan.seconds(600)
        public var handshakes = 32
        public var handshakesPerSecond = 20
        public var handshakesPerSecondPerAddress = 2
        public var handshakeTime = TimeSpan.seconds(10)
        public var keepalive = TimeSpan.seconds(20)
        public var keepaliveMisses = 2
        /// A connection whose writes make no progress for this long is closed.
        public var stalledWrite = TimeSpan.seconds(15)
        /// Bytes waiting to be sent, by class. The two upper classes go first.
        public var controlQueue = 64 << 10
        public var voteQueue = 256 << 10
        public var blockQueue = 2 << 20
        public var bulkQueue = 1 << 20
        public var fullQueueTime = TimeSpan.seconds(5)
        /// Peers that speak libp2p and not our protocols, of those that came to us.
        public var strangers = 16
        /// When the inbound slots are full: who of the nearest, the oldest and the most useful is never turned out.
        public var protectedPerMerit = 8
        /// Peers we would like to be connected to.
        public var wanted = 256
        /// Between two tries to reach a peer: doubling from the first to the longest; for one that does not fit us, at
        /// once the last. A connection that held this long has shown that the peer is there.
        public var firstPause = TimeSpan.milliseconds(250)
        public var longestPause = TimeSpan.seconds(15)
        public var misfitPause = TimeSpan.seconds(60)
        public var settledTime = TimeSpan.seconds(10)
        /// How long what is left to say may take once a connection is to end.
        public var farewellTime = TimeSpan.milliseconds(500)
        /// Bytes in the kernel that have not left: what an urgent frame waits behind at most, beside one frame.
        public var unsentInKernel = 8 << 10
        /// Two nodes whose clocks differ by more do not work together.
        public var clockDifference = TimeSpan.seconds(30)

        public init() {}
    }

    /// The handshakes that turn a connection into an authenticated one.
    public struct SecureChannel: Sendable, Hashable {
        /// The length field's own bound, and what is left of it for plaintext.
        public var message = 65_535
        public var plaintext = 65_519
        public var handshakePayload = 1 << 10
        public var messagesPerKey: UInt64 = 1 << 48
        public var negotiationLine = 1_024
        public var negotiationTries = 8
        public var negotiationTime = TimeSpan.seconds(10)

        public init() {}
    }

    /// The streams that share one connection.
    public struct Streams: Sendable, Hashable {
        public var inboundPerConnection = 128
        public var negotiating = 8
        /// Streams we opened that the peer has not acknowledged.
        public var unacknowledged = 256
        /// By the peer, once it has used up as many at once as it may have open.
        public var opensPerSecond = 100
        public var queuedPongs = 32
        /// Frames about frames waiting to leave: credit, answers to pings, resets.
        public var controlFrames = 512
        /// Bytes of a data frame when nothing more urgent waits, and when something does.
        public var frame = 16 << 10
        public var frameUnderPressure = 8 << 10
        /// How many frames stay short after something urgent was sent.
        public var framesUnderPressure = 128
        public var initialWindow = 256 << 10
        public var bytesPerConnection = 4 << 20
        public var bytesPerProcess = 64 << 20

        public init() {}
    }

    /// Who is out there and alive.
    public struct Membership: Sendable, Hashable {
        /// Up to this many members everybody knows everybody; above it, only the two views below.
        public var fullView = 512
        public var activeView = 24
        public var passiveView = 256
        public var probePeriod = TimeSpan.milliseconds(600)
        public var indirectProbes = 3
        public var suspicion = TimeSpan.seconds(2)
        public var suspicionFactor = 6
        public var healthFactor = 8
        /// A record's sequence is a time; one further ahead than this is refused.
        public var clockAhead = TimeSpan.seconds(600)
        public var addressesPerRecord = 3
        /// Records of nodes that we do not know, from one member: a newcomer may hear of everybody from the first it meets,
        /// and of one more in each pause. Each costs a signature to check and five datagrams to ask whether anybody is there.
        public var strangersAtOnce = 512
        public var strangerPause = TimeSpan.seconds(1)

        public init() {}
    }

    /// The address book, bans and what peers tell about others.
    public struct Addresses: Sendable, Hashable {
        public var newBuckets = 1_024
        public var triedBuckets = 256
        public var bucketSlots = 64
        public var newBucketsPerSource = 64
        public var bucketsPerAddress = 8
        public var learnedBurst = 1_000
        public var banned = 4_096
        /// What we send, which every known implementation takes, and what we read before we cut.
        public var identifySent = 4 << 10
        public var identifyRead = 8 << 10
        public var identifyProtocols = 64
        public var identifyAddresses = 32

        public init() {}
    }

    /// Publishing and forwarding by topic.
    public struct Gossip: Sendable, Hashable {
        public var message = 60 << 10
        /// The remote procedure call that carries messages and control.
        public var envelope = 64 << 10
        public var topicsPerPeer = 64
        public var announcedPerMessage = 5_000
        public var announcementsPerHeartbeat = 10
        public var refusalsPerMessage = 10
        public var refusalMessagesPerHeartbeat = 1_000
        public var repeatsPerRequest = 3
        public var backoff = TimeSpan.seconds(60)
        public var longestBackoff = TimeSpan.seconds(3_600)
        public var seenTime = TimeSpan.seconds(120)
        public var scoreMemory = TimeSpan.seconds(600)
        /// An envelope that is read: others pack more into one than we do.
        public var envelopeRead = 1 << 20
        /// Ids that are remembered as decided, and peers whose score is.
        public var seen = 1 << 17
        public var scores = 4_096
        /// Messages that are being judged, their bytes, and how long that may take.
        public var pending = 4_096
        public var pendingBytes = 16 << 20
        public var judgingTime = TimeSpan.seconds(30)
        /// Of one message: who brought it, and forms under other signatures.
        public var repeatedHolders = 16
        public var alternates = 3
        public var cachedBytes = 16 << 20
        /// Messages that were announced and are waited for, and what a peer refuses or has.
        public var wants = 10_000
        public var unwantedPerPeer = 6_000
        /// How many times more often a mesh peer may announce: it tells of large messages one by one.
        public var meshAnnouncements = 100
        /// Bytes given to one peer on request.
        public var servedPerHeartbeat = 4 << 20
        /// Peers of one topic that are kept out of its mesh for a while.
        public var backoffs = 1_024

        public init() {}
    }
}
