import CairnBase
import CairnRuntime
import CairnWire

/// How the running node of a home does.
extension Examination {
    /// False when no node answers.
    mutating func examineNode(_ client: NodeClient) -> Bool {
        guard let report = try? client.report() else { return false }
        if report.isReady {
            fine("node", "\(report.name), pid \(report.pid), up \(report.uptime.rough)")
        } else {
            fault(
                "node", "\(report.name) does not do its work: \(report.reasons.joined(separator: ", "))",
                do: "cairn status -v and cairn logs show more")
        }
        if report.version != programVersion {
            doubt(
                "version", "the node runs \(report.version), this program is \(programVersion)",
                do: "Restart the node to run the new one.")
        }
        examinePeers(report, client)
        if let reachability = report.reachability { examine(reachability) }
        if let clock = report.clock { examine(clock) }
        examineEvidence(report)
        if let chain = report.chain {
            let still = report.document["chain"]?["still_ms"]?.integer(UInt64.self) ?? 0
            let text = "height \(chain.height), newest block \(TimeSpan.milliseconds(still).rough) ago"
            if let stopped = report.document["chain"]?["stopped"]?.string {
                fault("consensus", "this validator votes no more: \(stopped)", do: "cairn help E112")
            } else if report.reasons.contains("chain-stands-still") {
                fault(
                    "consensus", text, do: "Fewer than two thirds of the validators may be there: cairn validator list")
            } else if let sync = report.sync, report.reasons.contains("catching-up") {
                doubt("consensus", "catching up: \(sync.sentence)", do: "Wait; cairn status -w shows how it goes.")
            } else {
                fine("consensus", text + (chain.isValidator ? ", votes" : ", follows"))
            }
        }
        return true
    }

    private mutating func examine(_ reachability: ReachabilityReport) {
        if reachability.isUnreachable {
            doubt(
                "reach", reachability.sentence,
                do:
                    "Let TCP and UDP through to \(reachability.address ?? "p2p.listen"); cairn net check shows who tried."
            )
        } else {
            fine("reach", reachability.sentence)
        }
    }

    /// Beside what the system says of its own clock, what others' say of it.
    private mutating func examine(_ clock: ClockReport) {
        if clock.isFine {
            fine("clocks", clock.sentence)
        } else {
            doubt("clocks", clock.sentence, do: "timedatectl set-ntp true, here or with them")
        }
    }

    private mutating func examineEvidence(_ report: NodeReport) {
        guard report.chain != nil else { return }
        guard let evidence = report.evidence else {
            return doubt("evidence", "what it holds cannot be read", do: "cairn validator evidence says why")
        }
        if evidence > 0 {
            doubt(
                "evidence", "it holds evidence of \(evidence) double votes that nobody reported",
                do: "cairn validator evidence shows it, cairn validator accuse reports it and earns a part")
        } else {
            fine("evidence", "no double vote that is to be reported")
        }
    }

    private mutating func examinePeers(_ report: NodeReport, _ client: NodeClient) {
        let peers = report.peers
        let text = "\(peers.alive) alive, \(peers.suspect) suspect, \(peers.down) down"
        if peers.alive > 0 {
            fine("peers", text)
        } else if report.chain?.isValidator == true, report.chain?.height ?? 0 > 0, peers.list.isEmpty {
            fine("peers", "none, and none are configured")
        } else {
            doubt(
                "peers", text,
                do: "p2p.peers names nodes to greet first; cairn peers says how the last connections ended")
        }
        let away = peers.list.filter { $0.state == "dead" }
        for peer in away.prefix(3) {
            doubt(
                "peer", "\(peer.name ?? "-") at \(peer.address) does not answer",
                do: "cairn peers -v says how its connection ended")
        }
    }
}
