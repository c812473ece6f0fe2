extension Limits {
    /// Agreement on blocks. Sizes and the committee's size are *of the protocol*.
    public struct Consensus: Sendable, Hashable {
        public var committee = 100
        /// What a leader's block carries inline.
        public var payload = 256 << 10
        public var certificate = 9 << 10
        public var evidence = 512
        /// Votes of others are kept for views [floor − behind, current + ahead].
        public var viewsBehind: UInt64 = 32
        public var viewsAhead: UInt64 = 2
        /// Per validator, view and kind: the first vote and one that conflicts with it.
        public var votesPerKind = 2
        public var certificateReply = 1 << 20
        public var baseDelay = TimeSpan.milliseconds(500)
        public var longestDelay = TimeSpan.seconds(8)
        public var longestRetry = TimeSpan.seconds(5)
        public var badSignatureBan = TimeSpan.seconds(60)

        public init() {}
    }

    /// Transactions and state. *Of the protocol*, but for the pool.
    public struct Ledger: Sendable, Hashable {
        public var transaction = 4 << 10
        public var transactionsPerBlock = 4_096
        public var verdictsPerBlock = 2_048
        public var evidencePerBlock = 4
        public var proof = 8 << 10
        public var rowsPerPair = 32
        public var poolTransactions = 10_000
        public var poolBytes = 16 << 20
        public var poolTransactionsPerSender = 64

        public init() {}
    }

    /// Challenges, commits, reveals and receipts. *Of the protocol*.
    public struct Witness: Sendable, Hashable {
        public var commitsPerEpoch = 256
        public var commitsPerChallenge = 64
        public var neighbours = 64
        public var nearestMetres: UInt64 = 300
        public var farthestMetres: UInt64 = 100_000
        public var receipt = 512
        /// Challenges whose verdict is still open: ten thousand gateways, each asked once an epoch, have seven hundred.
        public var openChallenges = 8_192
        public var verdictsPerBlock = 512
        /// Witnesses whose commits of an epoch are counted.
        public var witnessesCounted = 65_536
        /// A beacon does not name its sender: how many of one height a witness tells apart.
        public var candidatesPerReception = 4
        public var archivedChallenges = 65_536
        /// The radio side speaks to packet forwarders on this machine or network: the largest datagram there is.
        public var radioDatagram = 65_507
        public var radioPacketsPerDatagram = 255
        public var radioPayload = 255
        public var radioDatagramsPerSecond = 100
        public var radioGateways = 64
        /// Frames that wait for a gateway to take them.
        public var radioQueue = 32
        /// The newest packets that whoever looks on can ask for.
        public var radioPacketsKept = 256

        public init() {}
    }

    /// Catching up from others and serving those who do.
    public struct Sync: Sendable, Hashable {
        public var itemsPerRequest = 256
        public var reply = 1 << 20
        public var requestsPerPeer = 8
        public var lagToEnter: UInt64 = 8
        public var lagToLeave: UInt64 = 2
        public var snapshotHeader = 4 << 10
        public var snapshotChunk = 1 << 20
        public var snapshotChunks = 65_536

        public init() {}
    }

    /// The HTTP interface, JSON and what the command line hands over.
    public struct Interface: Sendable, Hashable {
        public var connections = 512
        public var headBytes = 16 << 10
        public var headFields = 64
        public var target = 2 << 10
        public var headTime = TimeSpan.seconds(10)
        public var bodyBytes = 1 << 20
        public var bodyTime = TimeSpan.seconds(30)
        public var jsonDepth = 32
        public var jsonNodes = 10_000
        public var jsonString = 64 << 10
        /// What one client address may ask over TCP, at once and every second after that.
        public var requestsAtOnce: UInt64 = 1_000
        public var requestsPerSecond: UInt64 = 500
        /// Client addresses that are remembered for it.
        public var clients = 1_024
        /// Questions about the chain that may wait for an answer.
        public var questions = 64
        /// Requests in one batch of JSON-RPC.
        public var batch = 32
        /// Events that are kept for clients that come back, and clients that listen at once.
        public var events = 1_024
        public var listeners = 64

        public init() {}
    }

    /// What the chain's database keeps in memory and how far its tables may lag behind it.
    public struct Store: Sendable, Hashable {
        /// Bytes of the state held in memory.
        public var stateCache = 128 << 20
        /// A block that changes no more entries than this is written into the state table at once.
        public var changesAtOnce = 512
        /// What may wait until it is written there together, in changes and in blocks.
        public var pendingChanges = 1 << 17
        public var pendingBlocks = 256
        /// What may be handed in while earlier blocks are being written.
        public var blocksInTheAir = 64
        public var bytesInTheAir = 16 << 20
        /// No block is begun with less than this many bytes free on the disk: enough to bring the state table up to date and
        /// to stop in order.
        public var diskReserve: UInt64 = 64 << 20

        public init() {}
    }

    /// How a running node looks over its chain's database: a whole core of it would stand in the way of blocks.
    public struct Scrub: Sendable, Hashable {
        /// What one step looks at, about.
        public var rows = 512
        public var bytes = 1 << 20
        public var pause = TimeSpan.seconds(1)
        /// Rows that are known to be damaged, by name; more are counted.
        public var named = 64
        /// Damaged blocks that peers are asked for at once.
        public var wanted = 4

        public init() {}
    }

    /// What a node that keeps pieces for others does for them.
    public struct Pieces: Sendable, Hashable {
        /// Questions that wait for the disk, of all peers together: a portion each.
        public var waiting = 64
        /// Of one peer: a portion each, so this is also how many bytes it can move.
        public var questionsAtOnce: UInt64 = 512
        public var questionsPerSecond: UInt64 = 512
        public var clients = 1_024
        /// Between two pieces that are compared with their names.
        public var scrubPause = TimeSpan.seconds(10)

        public init() {}
    }

    /// Files a person or a program may have touched since we wrote them.
    public struct Files: Sendable, Hashable {
        public var config = 64 << 10
        public var genesis = 16 << 20
        public var keystore = 4 << 10
        public var keystoreMemory: ClosedRange<UInt64> = (64 << 20)...(1 << 30)
        public var keystorePasses: ClosedRange<UInt64> = 1...10

        public init() {}
    }
}
