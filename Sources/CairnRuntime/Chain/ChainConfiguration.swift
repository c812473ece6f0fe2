public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnStore

/// What a node needs to take part in a chain.
public struct ChainConfiguration: Sendable {
    public let genesis: Genesis
    /// The directory of the chain's database and, for a validator, of its sign log.
    public let directory: String
    /// Nil for a node that follows without voting.
    public let keys: SharedValidatorKeys?
    /// What the hello calls this program.
    public let agent: String
    /// Nil where a new home runs every block since genesis.
    public var snapshot: SnapshotWish?
    /// The committee that the owner trusts: a chain that comes to its epoch with another is not the right one. Nil: the
    /// founders are trusted.
    public var checkpoint: LightClient.Checkpoint?
    /// Whether a snapshot of the state is made at each epoch's end, for others that begin.
    public var makesSnapshots = true
    /// Where the room for all of it is measured.
    public var space = DiskSpace()
    /// How the database is looked over while the node runs.
    public var scrub = Limits.Scrub()
    /// For how many epochs blocks are kept, and receipts with the rows of verdicts; nil: for ever.
    public var keptEpochs: (blocks: UInt64?, receipts: UInt64?) = (nil, nil)
    /// What a node that starts, one that begins from its snapshot and an owner who doubts a verdict look back on.
    public static let keptEpochsMin: UInt64 = 3

    public init(genesis: Genesis, directory: String, keys: SharedValidatorKeys?, agent: String) {
        self.genesis = genesis
        self.directory = directory
        self.keys = keys
        self.agent = agent
    }
}

extension ChainConfiguration {
    var retention: Retention {
        let length = genesis.parameters[.epochBlocks]
        let blocks = { (epochs: UInt64) in max(epochs, Self.keptEpochsMin).times(length, over: 1) }
        return Retention(
            receipts: keptEpochs.receipts.flatMap(blocks), blocks: keptEpochs.blocks.flatMap(blocks),
            epochBlocks: length)
    }

    /// No chain has begun in the home, and none is begun with this node: a founder's chain begins with its genesis.
    var isNew: Bool {
        let isFounder = keys.map { keys in genesis.validators.contains { $0.keys.vote == keys.vote } }
        return isFounder != true && !ChainStore.exists(in: directory)
    }
}

/// Where a node's chain stands, for people and for the API.
public struct ChainStatus: Sendable, Equatable {
    public let chain: ChainID
    public let network: String
    public let isValidator: Bool
    /// Whether a vote of this process is durable: after a restart, the sign that it takes part again.
    public let hasVoted: Bool
    /// Why this node has stopped voting for good, if it has.
    public let stopped: String?
    public let epoch: Epoch
    public let view: View
    /// The newest blocks executed since the start, oldest first.
    public let recent: [BlockSummary]
    /// Peers on this chain that are connected.
    public let connected: Int
    public let height: Height
    public let poolCount: Int
    public let committeeSize: Int
    /// Since when the head has not moved.
    public let headSince: Instant
}
