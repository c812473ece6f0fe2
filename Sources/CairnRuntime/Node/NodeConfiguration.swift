public import CairnBase
internal import CairnCrypto
internal import CairnGossip
internal import CairnLedger
public import CairnWire

/// Everything a node needs to know before it starts, apart from its key.
public struct NodeConfiguration: Sendable {
    public var home: String
    public var network: String
    /// What people call the node; without one it goes by its three words.
    public var name: String?
    public var listen: Endpoint
    public var peers: [Endpoint]
    /// Names that list peers, asked while too few are known.
    public var seeds: [DNSName] = []
    /// Whether it takes no connections of peers, and only dials.
    public var isOutboundOnly = false
    /// Whether the router before it is asked to pass on what comes to its port.
    public var mapsPort = false
    /// TCP for programs; the unix socket is always there. Beyond loopback it takes a token.
    public var api: Endpoint?
    public var registry: NodeRegistry
    public var version: String
    public var limits = Limits()
    /// What programs show to use the API over TCP; without it only this machine may.
    public var token: AccessToken?
    /// Whether its owner may break its network on purpose; never so on a network that matters.
    public var takesFaults = false
    /// What else can be asked over the API.
    public var questions: [ChainQuestion] = []
    /// The chain this node takes part in; without one it only greets its peers.
    public private(set) var part: ChainConfiguration?
    /// The node's radio, if it has one.
    public var gateway: GatewayConfiguration?
    /// Reads the configuration again, for a node that is told to by SIGHUP.
    public var reread: (@Sendable () -> Reread)?
    /// What it keeps for others, if it does.
    public var storage: StorageConfiguration?
    /// What it seals, if it does; beside what it keeps.
    public var sealed: SealedConfiguration?
    /// Which chain the node's signatures belong to. Until a genesis names one, the network's name does: nodes of different
    /// networks do not hear one another.
    public private(set) var chain: ChainID

    public init(
        home: String, network: String, name: String? = nil, listen: Endpoint, peers: [Endpoint] = [],
        api: Endpoint? = nil, registry: NodeRegistry, version: String
    ) {
        self.home = home
        self.network = network
        self.name = name
        self.listen = listen
        self.peers = peers
        self.api = api
        self.registry = registry
        self.version = version
        chain = ChainID(Blake2b().digest(DomainTag("cn/network"), Array(network.utf8)).raw)
    }

    /// Makes the node take part in the chain of a genesis.
    public mutating func join(_ part: ChainConfiguration) {
        chain = part.genesis.chain(using: Blake2b())
        self.part = part
    }

    public static let mostSeeds = SeedLookup.mostNames

    /// A name that may list peers, in whatever case it is written.
    public static func seed(_ text: String) -> DNSName? {
        DNSName(text.lowercased()).flatMap { SeedLookup.listing(of: $0) == nil ? nil : $0 }
    }

    public var runDirectory: String { home + "/run" }
    public var socket: String { runDirectory + "/api.sock" }
}

/// Why a node did not start.
public enum NodeFailure: Error, Equatable, Sendable {
    /// Another node runs on this home.
    case homeInUse(pid: Int32?)
    /// A UDP or TCP address cannot be used.
    case address(Endpoint, SystemError)
    /// The API would be open to the outside: it is not at a loopback address, and no token protects it.
    case apiWithoutToken(Endpoint)
    case socket(path: String, SystemError)
    case registry(NodeRegistry.Refusal)
    case system(SystemError)
    /// The chain's part could not start, or could not go on.
    case chain(ChainFailure)
    /// What it is to keep for others cannot be opened.
    case storage(PieceServiceFailure)
}
