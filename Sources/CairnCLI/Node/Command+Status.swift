import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    static let status = Command(
        path: ["status"],
        summary: "Show how a running node is",
        text: [
            "The node is --node, the one in --home, $CAIRN_NODE, the one in $CAIRN_HOME or in the nearest .cairn directory "
                + "upwards, or the only one of this user that runs. The exit code is 4 when the node answers and does not do "
                + "its work. -v lists its peers."
        ],
        flags: [Flag.watch.declaration],
        examples: [
            Example("cairn status", "Shows the node of this user."),
            Example("cairn --node n1 status --watch=1s --json", "Prints a document about node n1 every second."),
        ],
        exits: [.failed, .unreachable, .unhealthy, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            return try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let report = try client.report()
                let fields = (report.document.object ?? []).filter { $0.key != "schema" }
                session.answer(fields, text(report, session))
                return report.isReady ? .ok : .unhealthy
            }
        })

    private static func text(_ report: NodeReport, _ session: Session) -> String {
        let style = session.style
        let peers = report.peers
        let median = peers.list.compactMap(\.roundTrip).middle.map { ", median \($0.precise)" } ?? ""
        let id = report.node.peerID
        let shownID = session.showsFullIDs ? id : shortened(id)
        var text =
            "cairn \(report.version)  \(report.name)  \(shownID)  network \(report.network)  up \(report.uptime.rough)\n"
        let verdict = report.isReady ? "ready" : report.reasons.joined(separator: ", ")
        text += line(
            report.isReady, "node", verdict + (report.name == report.node.words ? "" : "  \(report.node.words)"), style)
        let counts = "\(peers.alive) alive, \(peers.suspect) suspect, \(peers.down) down\(median)"
        text += line(peers.down + peers.suspect == 0, "peers", counts, style)
        if let reachability = report.reachability {
            text += line(!reachability.isUnreachable, "reach", reachability.sentence, style)
        }
        if let chain = report.chain {
            let role = chain.isValidator ? "validator" : "follower"
            text += line(report.isReady, "chain", "height \(chain.height), epoch \(chain.epoch), \(role)", style)
        }
        if let storage = report.storage {
            text += line(storage.used < storage.capacity, "storage", storage.sentence, style)
        }
        if let rewards = report.rewards { text += line(true, "rewards", rewards.sentence, style) }
        if let sync = report.sync {
            text += line(!report.reasons.contains("catching-up"), "syncing", sync.sentence, style)
        }
        if let clock = report.clock { text += line(clock.isFine, "clock", clock.sentence, style) }
        if let evidence = report.evidence, evidence > 0 {
            text += line(false, "evidence", "\(evidence) double votes to report  -> cairn validator evidence", style)
        } else if report.evidence == nil, report.chain != nil {
            text += line(false, "evidence", "it cannot be read  -> cairn validator evidence", style)
        }
        if let first = report.damage.first {
            let rest = report.damage.count > 1 ? " and \(report.damage.count - 1) more" : ""
            text += line(false, "damage", "\(first)\(rest)  -> cairn logs", style)
        }
        text += "       addresses   p2p \(report.listen)  api \(report.api.map { "http://\($0)" } ?? "-")\n"
        text += "       home        \(report.home)\n"
        guard session.invocation.has(GlobalFlags.verbose) else { return text }
        var table = TextTable(["PEER", "STATE", "ADDRESS", "PING", "SEEN"], right: [3, 4])
        for peer in peers.list {
            table.add([
                peer.name ?? "-", peer.state, peer.address, peer.roundTrip?.precise ?? "-",
                peer.lastSeen.map { "\($0.rough) ago" } ?? "-",
            ])
        }
        return text + "\n" + table.text(style)
    }

    /// The word says what the colour says.
    private static func line(_ isFine: Bool, _ subject: String, _ text: String, _ style: Style) -> String {
        let word = isFine ? style.paint("OK  ", .green) : style.paint("WARN", .yellow)
        return "\(word)   \(padded(subject, to: 10))  \(text)\n"
    }
}

extension Command {
    static let stop = Command(
        path: ["stop"],
        summary: "Stop a running node and wait until it has ended",
        text: ["The node finishes the answers it owes and ends within five seconds. Which node is meant: see status."],
        examples: [
            Example("cairn stop", "Stops the node of this user."),
            Example("cairn stop --home ./n1", "Stops the node of that home."),
        ],
        exits: [.failed, .unreachable, .timedOut],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let report = try client.report()
            let process = report.process
            try client.stop()
            if let process, !process.waitForEnd(until: Clock.monotonic() + client.timeout) {
                throw Failure(.nodeStillThere, "node \(report.name) did not end within \(client.timeout.plain)")
            }
            session.answer(
                [.init("name", .string(report.name)), .init("pid", JSON(report.pid)), .init("stopped", true)],
                "stopped \(report.name) (pid \(report.pid))\n")
            return .ok
        })

    static let nodes = Command(
        path: ["nodes"],
        summary: "List the nodes of this user that run on this machine",
        text: ["A node that was killed disappears from the list by itself."],
        examples: [
            Example("cairn nodes", "Lists them."), Example("cairn nodes --json", "Lists them for a script."),
        ],
        exits: [.locked],
        run: { session throws(Failure) in
            let running = try NodeFinder(session).running()
            var table = TextTable(["NAME", "NETWORK", "PID", "P2P", "API", "STARTED", "HOME"], right: [2])
            for entry in running {
                table.add([
                    entry.name, entry.network, "\(entry.process.pid)", entry.listen,
                    entry.api.map { "http://\($0)" } ?? "-", entry.started, entry.home,
                ])
            }
            session.answer(
                [.init("nodes", .array(running.map(\.json)))],
                running.isEmpty ? "no node of this user runs\n" : table.text(session.style))
            if running.isEmpty { session.note("cairn run  starts one") }
            return .ok
        })
}
