import CairnBase
import CairnCrypto
import CairnLedger
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
    /// Nil while it is with the others.
    let sync: Sync?
    /// Nil where nobody's clock is known.
    let clock: ClockReport?
    /// The double votes that somebody may report; nil where what the node holds cannot be read.
    let evidence: UInt64?
    /// Rows of its chain's database that are damaged, by name, as far as it has looked.
    let damage: [String]
    /// Nil for a node that keeps nothing for others.
    let storage: Storage?
    /// Nil while no epoch is settled, or for a node with nothing to be paid for.
    let rewards: Rewards?
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

    /// Catching up with others.
    struct Sync: Sendable {
        let target: UInt64
        /// Beyond it the target is what peers say.
        let proven: UInt64
        let behind: UInt64
        let perThousandSeconds: UInt64?
        let left: TimeSpan?
    }

    /// What it keeps for others, in bytes.
    struct Storage: Sendable {
        let pieces: UInt64
        let used: UInt64
        let capacity: UInt64
    }

    /// What its resources were paid for the newest settled epoch.
    struct Rewards: Sendable {
        struct Row: Sendable {
            let service: String
            let verdicts: UInt64
            let paid: Amount
        }

        let epoch: UInt64
        let rows: [Row]
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
        sync = document["sync"].flatMap(Sync.init)
        clock = ClockReport(document["clock"])
        evidence = document["evidence"]?["open"]?.integer()
        damage = document["damage"]?["rows"]?.array?.compactMap(\.string) ?? []
        storage = document["storage"].flatMap(Storage.init)
        rewards = document["rewards"].flatMap(Rewards.init)
        faults = document["faults"].flatMap { NodeFaults($0) }
    }
}

extension NodeReport.Storage {
    fileprivate init?(_ document: JSON) {
        guard let pieces = document["pieces"]?.integer(UInt64.self), let used = document["used"]?.integer(UInt64.self),
            let capacity = document["capacity"]?.integer(UInt64.self)
        else { return nil }
        (self.pieces, self.used, self.capacity) = (pieces, used, capacity)
    }

    var sentence: String { "\(pieces) pieces, \(binarySize(used)) of \(binarySize(capacity))" }
}

extension NodeReport.Rewards {
    fileprivate init?(_ document: JSON) {
        guard let epoch = document["epoch"]?.integer(UInt64.self), let rows = document["resources"]?.array else {
            return nil
        }
        self.epoch = epoch
        self.rows = rows.compactMap { row in
            guard let service = row["service"]?.string, let verdicts = row["verdicts"]?.integer(UInt64.self),
                let units = row["total_units"]?.integer(UInt64.self)
            else { return nil }
            return Row(service: service, verdicts: verdicts, paid: Amount(units: units))
        }
    }

    /// `coverage.radio 2 verdicts 12.5, storage.hot 2 verdicts 3`, or that there was nothing.
    var sentence: String {
        let parts = rows.map { "\($0.service) \($0.verdicts) verdicts \($0.paid)" }
        let paid = rows.map(\.paid).total() ?? .zero
        return parts.isEmpty
            ? "epoch \(epoch): nothing was proven here" : "epoch \(epoch): \(paid), of " + parts.joined(separator: ", ")
    }
}

extension NodeReport.Sync {
    fileprivate init?(_ document: JSON) {
        guard let target = document["target"]?.integer(UInt64.self),
            let behind = document["behind"]?.integer(UInt64.self)
        else { return nil }
        (self.target, self.behind) = (target, behind)
        proven = document["proven"]?.integer() ?? target
        perThousandSeconds = document["blocks_per_1000_s"]?.integer()
        left = document["left_ms"]?.integer(UInt64.self).map { .milliseconds($0) }
    }

    /// `46 %, block 84102 of 184220 (by peers' word; proven up to 103302), 612.4 blocks/s, 2m 44s left`
    var sentence: String {
        let height = target - min(behind, target)
        let rate = perThousandSeconds.map { ", \($0 / 1_000).\($0 % 1_000 / 100) blocks/s" } ?? ""
        let left = left.map { ", \($0.rough) left" } ?? ""
        let word = proven < target ? " (by peers' word; proven up to \(proven))" : ""
        return "\(height.times(100, over: max(1, target)) ?? 0) %, block \(height) of \(target)" + word + rate + left
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
