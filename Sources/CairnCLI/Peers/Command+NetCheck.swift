import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    static let netCheck = Command(
        path: ["net", "check"],
        summary: "Show whether others can dial a running node, and where they see it",
        text: [
            "Three connected members dial the node back at the address it listens at, or at the one that the peers it dialled see "
                + "it come from, and sign what they found; most of them decide. They are asked every ten minutes, every twenty seconds while "
                + "too few have answered, and soon after the address changes. In private networks one answer is enough.",
            "A node that listens in a private network has its router pass on what comes to its port, by NAT-PMP, or by UPnP where "
                + "libminiupnpc is installed (p2p.port_mapping). What the router gave is shown; whether it is of use the dial-backs show.",
            "A node that nobody can dial works all the same: it calls out, and others are not told to dial it. The exit code is 4 "
                + "then, and with --json every signed answer is shown.",
        ],
        examples: [
            Example("cairn net check", "Shows how the node of this user is reached."),
            Example("cairn --node n1 net check --json", "Shows it of node n1, for a script."),
        ],
        exits: [.failed, .unreachable, .unhealthy, .timedOut],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let document = try client.net()
            guard let report = ReachabilityReport(document["reachability"]) else {
                throw Failure(.noChain, "the node takes part in no chain, and has no members to ask")
            }
            let listen = document["listen"]?.string ?? "-"
            let mapping = document["port_mapping"]
            session.answer(
                [.init("listen", .string(listen))] + (report.document.object ?? [])
                    + [.init("port_mapping", mapping ?? .null)],
                "listens    \(listen)\n" + (PortMappingReport(mapping)?.text ?? "") + report.text)
            return report.isUnreachable ? .unhealthy : .ok
        })
}
