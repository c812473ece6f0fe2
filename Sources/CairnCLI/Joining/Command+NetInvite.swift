import CairnBase
import CairnConsensus
import CairnRuntime
import CairnWire

extension Command {
    private static let address = Flag.text(
        "address", "ADDRESS:PORT", "Where newcomers reach this node, when it listens on every interface")
    private static let expires = Flag.span("expires", "SPAN", "How long the code holds; 168h, a week, unless told")

    static let netInvite = Command(
        path: ["net", "invite"],
        summary: "Make a code by which others join the network of a running node",
        text: [
            "The code names the network, the hash of its genesis, the committee that decides now, and up to three nodes to dial first: this "
                + "one and two that it sees alive. It is no secret and gives no rights: whoever has it finds the network.",
            "`cairn join CODE` makes a home from it.",
        ],
        flags: [address.declaration, expires.declaration],
        examples: [
            Example("cairn net invite", "Prints a code that holds for a week."),
            Example(
                "cairn net invite --address 203.0.113.7:7470 --expires 720h --json",
                "For a node behind every interface."),
        ],
        exits: [.failed, .unreachable, .notFound, .timedOut],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let (report, chain) = (try client.report(), try client.chain())
            let checkpoint = try client.checkpoint()
            let others = report.peers.list.compactMap { peer -> Invitation.Peer? in
                guard peer.state == "alive", let endpoint = Endpoint(peer.address), !endpoint.address.isUnspecified,
                    let node = peer.node.flatMap({ try? NodeID(peerID: $0) })
                else { return nil }
                return Invitation.Peer(node: node, endpoint: endpoint)
            }
            // Where nobody can dial it, only the others are named.
            let isHidden =
                report.reachability?.isUnreachable == true && !others.isEmpty && session.invocation[address] == nil
            let own =
                isHidden ? [] : [Invitation.Peer(node: report.node, endpoint: try reachable(report, session))]
            let span = session.invocation[expires] ?? .seconds(7 * 86_400)
            let expiry = (Clock.wall().millisecondsSince1970 + span.milliseconds) / 1_000
            let invitation = Invitation(
                network: report.network, chain: chain, checkpoint: checkpoint,
                peers: Array((own + others).prefix(Invitation.peersMax)), expiry: expiry)
            session.answer(
                [
                    .init("code", .string(invitation.code)), .init("network", .string(invitation.network)),
                    .init("chain", .string(chain.description)), .init("checkpoint", .string(checkpoint.words)),
                    .init("peers", .array(invitation.peers.map { .string("\($0.endpoint)") })),
                    .init("expires", .string(WallTime(millisecondsSince1970: expiry * 1_000).rfc3339)),
                ], invitation.code + "\n")
            session.note("holds for \(span.plain); others run: cairn join CODE")
            return .ok
        })

    private static func reachable(_ report: NodeReport, _ session: Session) throws(Failure) -> Endpoint {
        let text = session.invocation[address] ?? report.listen
        guard let endpoint = Endpoint(text), endpoint.port != 0, !endpoint.address.isUnspecified else {
            throw Failure(
                .badValue, "\(quoted(text)) is no address that others can dial",
                do: Hint("--address ADDRESS:PORT", "says where newcomers reach this node"))
        }
        return endpoint
    }
}

extension NodeClient {
    /// Whom the node's chain trusts to decide now.
    fileprivate func checkpoint() throws(Failure) -> LightClient.Checkpoint {
        let document = try document(ask(.get, "/v1/chain/status"))
        guard let words = document["checkpoint"]?.string, let found = try? LightClient.Checkpoint(words: words) else {
            throw Failure(.noChain, "the node at \(address) takes part in no chain yet")
        }
        return found
    }
}
