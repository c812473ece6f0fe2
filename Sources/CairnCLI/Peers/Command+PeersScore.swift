import CairnBase
import CairnWire

extension Command {
    static let peersScore = Command(
        path: ["peers", "score"],
        summary: "Show what the peers' behaviour has earned them, and why",
        text: [
            "Peers earn points in publishing: for their time in a mesh and for messages they bring first. They lose them for "
                + "messages that do not hold, broken promises and early grafts, and where many come from one subnet. Below "
                + "zero a peer is in no mesh, below -10 it is told of no messages, below -80 it is not heard. Bad marks fade "
                + "within the hour and outlive a connection by ten minutes.",
            "With a peer it shows what each part was given or taken for. Deeds are counted as long as the peer is remembered; "
                + "points fade. No score is a ban: five messages that cannot be an accident within a few minutes are.",
        ],
        arguments: [
            Argument(
                name: "PEER", summary: "Only this one: its name, or the start of its id", value: .text("PEER"),
                isRequired: false)
        ],
        flags: [Flag.watch.declaration],
        examples: [
            Example("cairn peers score mystic-chalk-jaguar", "Shows what one peer earned and lost, and for what."),
            Example("cairn --node n1 peers score --json", "Lists those of node n1, in thousandths of points."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let wanted = session.invocation.argument(0)
            return try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let report = try client.scores()
                if let wanted {
                    let peer = try report.peer(wanted)
                    session.answer([.init("peer", peer.document)], report.breakdown(of: peer))
                    return .ok
                }
                session.answer(
                    (report.document.object ?? []).filter { $0.key != "schema" },
                    report.peers.isEmpty
                        ? "nobody to publish to\n" : report.text(session.style, fullIDs: session.showsFullIDs))
                return .ok
            }
        })
}

extension ScoreReport {
    fileprivate func peer(_ wanted: String) throws(Failure) -> Peer {
        let matches = peers.filter { isMeant(wanted, name: $0.name, id: $0.node) }
        guard let peer = matches.first, matches.count == 1 else {
            let shown = (matches.isEmpty ? peers : matches).prefix(5).map { Hint($0.name, $0.node) }
            throw Failure(
                .peerNotFound,
                matches.isEmpty
                    ? "no peer \(quoted(wanted)) has a score at the node"
                    : "\(matches.count) peers are called \(quoted(wanted))", found: shown)
        }
        return peer
    }

    /// One line for each part, with the deeds behind it.
    func breakdown(of peer: Peer) -> String {
        func deeds(_ words: [(String, String)]) -> String {
            words.map { "\(peer.deeds[$0.0] ?? 0) \($0.1)" }.joined(separator: ", ")
        }
        let reasons = [
            "time in \(peer.mesh == 1 ? "1 mesh" : "\(peer.mesh) meshes")",
            deeds([("delivered", "messages brought first")]),
            deeds([("rejected", "rejected"), ("forged", "forged"), ("malformed", "malformed")]),
            "the application's opinion",
            "others of its subnet",
            deeds([
                ("broken_promises", "broken promises"), ("early_grafts", "early grafts"),
                ("unreadable", "unreadable envelopes"),
            ]),
        ]
        var rows = zip(zip(Self.parts, peer.earned), reasons).map { ($0.0.1.lowercased(), points($0.1), $1) }
        rows.append(("score", points(peer.score), standing(peer)))
        let width = rows.map(\.1.count).max() ?? 0
        let lines = rows.map { label, points, reason in
            let gap = String(repeating: " ", count: width - points.count)
            return "\(padded(label, to: 9))  \(gap)\(points)  \(reason)\n"
        }
        return "\(peer.name)  \(peer.node)\n" + lines.joined()
    }
}
