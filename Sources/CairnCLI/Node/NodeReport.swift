import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire

/// What a node says of itself at `/v1/status`: the document, and the parts that people are shown.
struct NodeReport: Sendable {
    let document: JSON
    let version: String
    let name: String
    let node: NodeID
    let network: String
    let home: String
    let listen: String
    let api: String?
    let pid: Int32
    let uptime: TimeSpan
    /// Why the node does not do its work; empty when it does.
    let reasons: [String]
    let peers: Peers
    /// Nil for a node without members.
    let reachability: ReachabilityReport?
    /// Nil for a node that takes part in no chain.
    let chain: Chain?
    /// Nil for a node that takes none.
    let faults: NodeFaults?

    struct Chain: Sendable {
        let height: UInt64
        let epoch: UInt64
        let isValidator: Bool
        /// Whether a vote of this process is durable.
        let hasVoted: Bool
        let connected: Int
        /// How many order the blocks of this epoch.
        let committee: Int?
        /// The newest blocks, by height.
        let recent: [UInt64: String]
    }

    struct Peers: Sendable {
        let alive: Int
        let suspect: Int
        let down: Int
        /// Equal on nodes that hold the same members as there.
        let view: String
        let list: [Peer]
    }

    struct Peer: Sendable {
        let name: String?
        let node: String?
        let address: String
        let state: String
        let roundTrip: TimeSpan?
        let lastSeen: TimeSpan?
    }

    var isReady: Bool { reasons.isEmpty }
    var words: String { NodeName(of: node, using: Blake2b()).description }
    /// Nil when the process ended since it answered.
    var process: ProcessIdentity? { ProcessIdentity(pid: pid) }

    /// Nil when something is missing that every node of this version says.
    init?(_ document: JSON) {
        guard let version = document["version"]?.string, let name = document["name"]?.string,
            let text = document["node"]?.string, let node = try? NodeID(peerID: text),
            let network = document["network"]?.string, let home = document["home"]?.string,
            let listen = document["listen"]?.string, let pid = document["pid"]?.integer(Int32.self),
            let uptime = document["uptime_ms"]?.integer(UInt64.self),
            let reasons = document["reasons"]?.array, let peers = document["peers"].flatMap(Peers.init)
        else { return nil }
        self.document = document
        self.version = version
        self.name = name
        self.node = node
        self.network = network
        self.home = home
        self.listen = listen
        api = document["api"]?.string
        self.pid = pid
        self.uptime = .milliseconds(uptime)
        self.reasons = reasons.compactMap(\.string)
        self.peers = peers
        reachability = ReachabilityReport(document["reachability"])
        chain = document["chain"].flatMap(Chain.init)
        faults = document["faults"].flatMap { NodeFaults($0) }
    }
}

extension NodeReport.Chain {
    fileprivate init?(_ document: JSON) {
        guard let height = document["height"]?.integer(UInt64.self),
            let epoch = document["epoch"]?.integer(UInt64.self),
            let connected = document["connected"]?.integer(Int.self), let recent = document["recent"]?.array
        else { return nil }
        self.height = height
        self.epoch = epoch
        self.connected = connected
        committee = document["committee"]?.integer(Int.self)
        isValidator = document["validator"] == .bool(true)
        hasVoted = document["voted"] == .bool(true)
        let blocks = recent.compactMap { block -> (UInt64, String)? in
            guard let height = block["height"]?.integer(UInt64.self), let digest = block["block"]?.string else {
                return nil
            }
            return (height, digest)
        }
        self.recent = Dictionary(blocks, uniquingKeysWith: { $1 })
    }
}

extension NodeReport.Peers {
    fileprivate init?(_ document: JSON) {
        guard let alive = document["alive"]?.integer(Int.self), let suspect = document["suspect"]?.integer(Int.self),
            let down = document["down"]?.integer(Int.self), let view = document["view"]?.string,
            let list = document["list"]?.array
        else { return nil }
        self.init(alive: alive, suspect: suspect, down: down, view: view, list: list.compactMap(NodeReport.Peer.init))
    }
}

extension NodeReport.Peer {
    fileprivate init?(_ document: JSON) {
        guard let address = document["address"]?.string, let state = document["state"]?.string else { return nil }
        self.init(
            name: document["name"]?.string, node: document["node"]?.string, address: address, state: state,
            roundTrip: document["rtt_us"]?.integer(UInt64.self).map { .microseconds($0) },
            lastSeen: document["last_seen_ms"]?.integer(UInt64.self).map { .milliseconds($0) })
    }
}
