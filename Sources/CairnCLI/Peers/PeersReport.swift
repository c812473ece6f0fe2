import CairnBase
import CairnWire

/// What a node says of its peers at `/v1/peers`: the document, and the parts that people are shown.
struct PeersReport: Sendable {
    let document: JSON
    let peers: [Peer]
    let book: Book?
    let reachability: ReachabilityReport?

    /// What the node knows of addresses.
    struct Book: Sendable {
        let tried: UInt64
        let new: UInt64
        let anchors: [String]
    }

    struct Peer: Sendable {
        let document: JSON
        let node: String
        let name: String
        let state: String
        let direction: String
        let address: String?
        let multiaddr: String?
        let connected: TimeSpan?
        let roundTrip: TimeSpan?
        let height: UInt64?
        let agent: String?
        let protocols: [String]
        let failures: UInt64
        let nextTry: TimeSpan?
        let lastEnd: (reason: String, ago: TimeSpan)?
    }

    init?(_ document: JSON) {
        guard let list = document["peers"]?.array else { return nil }
        self.document = document
        peers = list.compactMap(Peer.init)
        guard peers.count == list.count else { return nil }
        book = document["book"].flatMap(Book.init)
        reachability = ReachabilityReport(document["reachability"])
    }

    /// The peer that a person means: by its name, the start of its id, or its address.
    func find(_ wanted: String) -> [Peer] {
        peers.filter {
            $0.address == wanted || $0.multiaddr == wanted || isMeant(wanted, name: $0.name, id: $0.node)
        }
    }
}

extension PeersReport.Book {
    init?(_ document: JSON) {
        guard let tried = document["tried"]?.integer(UInt64.self), let new = document["new"]?.integer(UInt64.self),
            let anchors = document["anchors"]?.array
        else { return nil }
        self.init(tried: tried, new: new, anchors: anchors.compactMap { $0["name"]?.string })
    }

    /// One line below the peers.
    var text: String {
        let begins = anchors.isEmpty ? "" : "; a restart begins with \(anchors.joined(separator: " and "))"
        return "address book: \(tried) reached, \(new) heard of\(begins)\n"
    }
}

extension PeersReport.Peer {
    init?(_ document: JSON) {
        guard let node = document["node"]?.string, let name = document["name"]?.string,
            let state = document["state"]?.string, let direction = document["direction"]?.string,
            let protocols = document["protocols"]?.array, let failures = document["failures"]?.integer(UInt64.self)
        else { return nil }
        func span(_ key: String) -> TimeSpan? { document[key]?.integer(UInt64.self).map { .milliseconds($0) } }
        self.document = document
        self.node = node
        self.name = name
        self.state = state
        self.direction = direction
        self.protocols = protocols.compactMap(\.string)
        self.failures = failures
        address = document["address"]?.string
        multiaddr = document["multiaddr"]?.string
        connected = span("connected_ms")
        roundTrip = document["rtt_us"]?.integer(UInt64.self).map { .microseconds($0) }
        height = document["height"]?.integer(UInt64.self)
        agent = document["agent"]?.string
        nextTry = span("next_try_ms")
        if let end = document["last_end"], let reason = end["reason"]?.string,
            let ago = end["ago_ms"]?.integer(UInt64.self)
        {
            lastEnd = (reason, .milliseconds(ago))
        } else {
            lastEnd = nil
        }
    }

    var isConnected: Bool { ["member", "stranger", "introducing"].contains(state) }
}

extension PeersReport {
    /// Below the peers: the address book, and whether others can dial this node.
    var foot: String { (book?.text ?? "") + (reachability.map { $0.sentence + "\n" } ?? "") }

    /// One line per peer; the last column says why one is not there.
    func text(_ style: Style, fullIDs: Bool) -> String {
        var table = TextTable(
            ["PEER", "ID", "STATE", "WAY", "ADDRESS", "PING", "UP", "HEIGHT AT HELLO", "LAST END"], right: [5, 6, 7])
        for peer in peers {
            table.add([
                peer.name, fullIDs ? peer.node : shortened(peer.node), peer.state, peer.direction,
                peer.address ?? "-", peer.roundTrip?.precise ?? "-", peer.connected?.rough ?? "-",
                peer.height.map { "\($0)" } ?? "-", peer.lastEnd.map { "\($0.ago.rough) ago: \($0.reason)" } ?? "",
            ])
        }
        return table.text(style) + foot
    }
}

extension PeersReport.Peer {
    var text: String {
        func line(_ label: String, _ value: String?) -> String {
            value.map { "\(padded(label, to: 10))  \($0)\n" } ?? ""
        }
        var text = line("peer", "\(name)  \(node)")
        text += line("state", state + (connected.map { " for \($0.rough), \(direction)bound" } ?? ""))
        text += line("address", address)
        text += line("dial", multiaddr)
        text += line("ping", roundTrip?.precise)
        text += line("agent", agent)
        text += line("height", height.map { "\($0), when it said hello" })
        text += line("protocols", protocols.isEmpty ? nil : protocols.joined(separator: "  "))
        let held = document["held_bytes"]?.integer(UInt64.self) ?? 0
        let streams = document["streams"]?.integer(UInt64.self) ?? 0
        text += line("holds", isConnected ? "\(streams) streams, \(held) bytes" : nil)
        text += line("last end", lastEnd.map { "\($0.ago.rough) ago: \($0.reason)" })
        text += line("next try", nextTry.map { "in \($0.seconds), after \(failures) failures" })
        return text
    }
}
