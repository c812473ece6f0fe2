import CairnBase
import CairnRuntime
import CairnWire

extension Noun {
    static let peers = Noun(
        name: "peers", summary: "Show and test the connections of a node",
        commands: [.peersList, .peersShow, .peersPing, .peersScore, .peersBans, .peersBan, .peersUnban])
    static let net = Noun(
        name: "net", summary: "Show which network a node is on, and found one",
        commands: [.netID, .netCheck, .netInvite, .netGenesis])
}

extension Command {
    private static let untilDirect = Flag.switched(
        "until-direct", "Try again until the peer answers over a direct connection, or --timeout is over")
    private static let pings = Flag.integer("count", "N", in: 1...100, "How often to ping, 3 unless given")

    static let peersList = Command(
        path: ["peers", "list"],
        summary: "List the peers of a running node",
        text: [
            "A member is connected and of our network; a stranger is some libp2p node that speaks none of our protocols; one "
                + "that waits is dialled again. The last column says why a connection ended: another network or version, a "
                + "wrong clock, or what the socket said. Which node is meant: see status.",
            "The last line is the address book: peers that were reached at their address, those only heard of, and the ones "
                + "that a restart begins with; and whether others can dial this node, see net check.",
        ],
        flags: [Flag.watch.declaration],
        examples: [
            Example("cairn peers", "Lists the peers of the node of this user."),
            Example("cairn --node n1 peers list --json", "Lists those of node n1, for a script."),
        ],
        exits: [.failed, .unreachable, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            return try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let report = try client.peers()
                let none =
                    "no peers; p2p.peers in the configuration names some to begin with\n" + report.foot
                session.answer(
                    (report.document.object ?? []).filter { $0.key != "schema" },
                    report.peers.isEmpty ? none : report.text(session.style, fullIDs: session.showsFullIDs))
                return .ok
            }
        })

    static let peersShow = Command(
        path: ["peers", "show"],
        summary: "Show everything that is known about one peer",
        text: [
            "It says who the peer is, what it speaks, what it makes this node hold, and how its last connection ended."
        ],
        arguments: [
            Argument(name: "PEER", summary: "Its name, address, or the start of its id", value: .text("PEER"))
        ],
        examples: [
            Example("cairn peers show mystic-chalk-jaguar", "Shows the peer of that name."),
            Example("cairn peers show 12D3KooWQvBC --json", "Shows the peer whose id begins so, for a script."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut],
        run: { session throws(Failure) in
            let peer = try known(session.invocation.argument(0) ?? "", NodeFinder(session).find())
            session.answer([.init("peer", peer.document)], peer.text)
            return .ok
        })

    static let peersPing = Command(
        path: ["peers", "ping"],
        summary: "Dial a peer from here and measure its round trips",
        text: [
            "The peer is a multiaddr, or the name or id of a peer that the node of this user knows. It is dialled from this "
                + "machine over a connection of its own, under a key made for it, and only what every libp2p node speaks is "
                + "used: any libp2p node can be pinged, and the node here is not needed for a multiaddr. An address with "
                + "/p2p/ must be answered by that key."
        ],
        arguments: [
            Argument(
                name: "PEER", summary: "A multiaddr, or a name, address or id from cairn peers", value: .text("PEER"))
        ],
        flags: [untilDirect.declaration, pings.declaration],
        examples: [
            Example("cairn peers ping mystic-chalk-jaguar", "Pings a peer by its name."),
            Example(
                "cairn peers ping /ip4/127.2.0.1/tcp/7480 --until-direct --timeout 1m",
                "Waits up to a minute until something there answers."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut],
        run: { session throws(Failure) in
            let target = try PingTarget(session.invocation.argument(0) ?? "", session)
            let report = try target.ping(
                count: Int(session.invocation[pings] ?? 3), isPatient: session.invocation.has(untilDirect),
                timeout: session.invocation[GlobalFlags.timeout] ?? .seconds(10))
            session.answer(target.fields(report), target.text(report))
            return .ok
        })

    static let netID = Command(
        path: ["net", "id"],
        summary: "Show the network of a running node, and the address others reach it at",
        text: [
            "Nodes work together when the chain and the protocol are the same; the chain's id is the hash of its genesis. "
                + "The address is a multiaddr that any libp2p node can dial."
        ],
        examples: [
            Example("cairn net id", "Shows the network of the node of this user."),
            Example("cairn --node n1 net id --json", "Shows that of node n1, for a script."),
        ],
        exits: [.failed, .unreachable, .timedOut],
        run: { session throws(Failure) in
            let document = try NodeFinder(session).find().net()
            func field(_ key: String) -> String { document[key]?.string ?? "-" }
            let version = document["protocol"]?.integer(UInt64.self) ?? 0
            session.answer(
                (document.object ?? []).filter { !["schema", "reachability"].contains($0.key) },
                """
                network   \(field("network"))
                chain     \(field("chain"))
                protocol  \(version)
                node      \(field("node"))
                address   \(field("address"))

                """)
            return .ok
        })

    static func known(_ wanted: String, _ client: NodeClient) throws(Failure) -> PeersReport.Peer {
        let report = try client.peers()
        let matches = report.find(wanted)
        let shown = (matches.isEmpty ? report.peers : matches).prefix(5).map { Hint($0.name, $0.node) }
        guard let peer = matches.first else {
            throw Failure(.peerNotFound, "the node knows no peer \(quoted(wanted))", found: shown)
        }
        guard matches.count == 1 else {
            throw Failure(
                .peerNotFound, "\(matches.count) peers are called \(quoted(wanted))", found: shown,
                do: Hint("give the whole id", "cairn peers -v shows it"))
        }
        return peer
    }
}
