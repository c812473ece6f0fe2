import CairnWire

/// What a node says about publishing at `/v1/pubsub`: the document, and its peers by what they have earned.
struct ScoreReport: Sendable {
    struct Peer: Sendable {
        let document: JSON
        let node: String
        let name: String
        let version: String
        let mesh: UInt64
        let score: Int64
        /// In the order of `parts`.
        let earned: [Int64]
        let isConnected: Bool
        /// What the points are for. ORDER: looked up by name only.
        let deeds: [String: UInt64]
    }

    static let deeds = [
        "delivered", "rejected", "forged", "malformed", "unreadable", "broken_promises", "early_grafts",
    ]

    /// What a score is made of, and how a table calls it.
    static let parts = [
        ("mesh_time", "MESH"), ("first_deliveries", "FIRST"), ("invalid", "INVALID"), ("application", "APP"),
        ("crowding", "CROWD"), ("misbehaviour", "BEHAVIOUR"),
    ]

    let document: JSON
    let peers: [Peer]
    let graylist: Int64
    let gossip: Int64

    init?(_ document: JSON) {
        guard let list = document["peers"]?.array, let thresholds = document["thresholds"],
            let graylist = thresholds["graylist"]?.integer(Int64.self),
            let gossip = thresholds["gossip"]?.integer(Int64.self)
        else { return nil }
        let peers = list.compactMap(Peer.init)
        guard peers.count == list.count else { return nil }
        self.document = document
        (self.graylist, self.gossip) = (graylist, gossip)
        self.peers = peers.sorted { ($0.score, $0.node) < ($1.score, $1.node) }
    }

    /// The worst first: one line per peer, with what its score is made of.
    func text(_ style: Style, fullIDs: Bool) -> String {
        let heading = ["PEER", "ID", "SPEAKS", "MESHES", "SCORE"] + Self.parts.map(\.1) + ["STANDING"]
        var table = TextTable(heading, right: Set(3...(4 + Self.parts.count)))
        for peer in peers {
            table.add(
                [
                    peer.name, fullIDs ? peer.node : shortened(peer.node), peer.version, "\(peer.mesh)",
                    points(peer.score),
                ]
                    + peer.earned.map(points) + [standing(peer)])
        }
        return table.text(style)
    }

    func standing(_ peer: Peer) -> String {
        let score = peer.score
        guard peer.isConnected else { return "gone" }
        if score < graylist { return "not heard" }
        if score < gossip { return "not told" }
        return score < 0 ? "in no mesh" : "good"
    }

    func points(_ thousandths: Int64) -> String {
        let tenths = thousandths.magnitude / 100
        return (thousandths < 0 && tenths > 0 ? "-" : "") + "\(tenths / 10).\(tenths % 10)"
    }
}

extension ScoreReport.Peer {
    init?(_ document: JSON) {
        guard let node = document["node"]?.string, let name = document["name"]?.string,
            let version = document["version"]?.string, let mesh = document["mesh"]?.integer(UInt64.self),
            let score = document["score"]?.integer(Int64.self)
        else { return nil }
        guard let isConnected = document["connected"]?.bool, let told = document["deeds"] else { return nil }
        // ORDER: looked up by name only.
        var deeds: [String: UInt64] = [:]
        for name in ScoreReport.deeds { deeds[name] = told[name]?.integer(UInt64.self) }
        guard deeds.count == ScoreReport.deeds.count else { return nil }
        let earned = ScoreReport.parts.compactMap { document[$0.0]?.integer(Int64.self) }
        guard earned.count == ScoreReport.parts.count else { return nil }
        self.init(
            document: document, node: node, name: name, version: version, mesh: mesh, score: score, earned: earned,
            isConnected: isConnected, deeds: deeds)
    }
}
