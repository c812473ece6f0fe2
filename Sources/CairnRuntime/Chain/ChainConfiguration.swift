public import CairnBase
public import CairnLedger

/// What a node needs to take part in a chain.
public struct ChainConfiguration: Sendable {
    public let genesis: Genesis
    /// The directory of the chain's database and, for a validator, of its sign log.
    public let directory: String
    /// Nil for a node that follows without voting.
    public let keys: SharedValidatorKeys?
    /// What the hello calls this program.
    public let agent: String

    public init(genesis: Genesis, directory: String, keys: SharedValidatorKeys?, agent: String) {
        self.genesis = genesis
        self.directory = directory
        self.keys = keys
        self.agent = agent
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
