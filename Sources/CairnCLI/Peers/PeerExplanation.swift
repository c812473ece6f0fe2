import CairnBase
import CairnRuntime
import CairnWire

/// Why a node is not connected with a peer: what the node knows and tried, what its log still holds of it, and whether this
/// machine reaches the peer now.
struct PeerExplanation {
    private let peer: PeersReport.Peer?
    private let member: NodeReport.Peer?
    private let ban: BansReport.Ban?
    private let history: [String]
    private let place: (endpoint: Endpoint, node: NodeID?)?
    private var probe: Result<PeerProbe.Report, PeerProbe.Failure>?

    private static let linesShown = 8
    private static let probeTime = TimeSpan.seconds(3)

    init(_ mention: PeerMention, _ wanted: String, of client: NodeClient) throws(Failure) {
        let peers = try client.peers().peers
        let members = try client.report().peers.list
        peer = peers.first(where: mention.names)
        member = members.first(where: mention.names)
        guard peer != nil || member != nil || mention.place != nil else {
            throw Failure(
                .peerNotFound, "the node has not heard of a peer \(quoted(wanted))",
                found: peers.prefix(5).map { Hint($0.name, $0.node) })
        }
        let id = (peer?.node ?? member?.node).flatMap { try? NodeID(peerID: $0) }
        let address = peer?.address.flatMap { Endpoint($0)?.address }
        // Where many are banned at once, an IPv6 address stands for its /64.
        let subjects = [id?.peerID, address.map { "\($0)" }, address.map { "\($0.site)" }]
        ban = try client.bans().bans.first { subjects.contains($0.subject) }
        let known = (peer?.multiaddr).flatMap { try? Multiaddr(text: $0) }.flatMap { Endpoint(tcp: $0) }
        let endpoint = mention.place?.endpoint ?? known ?? member.flatMap { Endpoint($0.address) }
        place = endpoint.map { ($0, mention.place?.node ?? id) }
        history = try client.logLines().filter { line in
            [id.map(\.peerID), endpoint.map { "\($0)" }].compactMap(\.self).contains { line.contains($0) }
        }
        if !isConnected, let place, place.endpoint.port != 0 {
            do throws(PeerProbe.Failure) {
                probe = .success(
                    try PeerProbe.run(at: place.endpoint, expecting: place.node, count: 1, timeout: Self.probeTime))
            } catch {
                probe = .failure(error)
            }
        }
    }

    private var isConnected: Bool { peer?.isConnected ?? false }

    var facts: Facts {
        var facts = Facts()
        facts.add("about", .string("peer"))
        if let node = peer?.node ?? member?.node {
            facts.add("peer", .string(node), "\(peer?.name ?? member?.name ?? "")  \(node)")
        }
        if let place { facts.add("address", "\(place.endpoint)") }
        facts.add("now", state)
        if let member {
            facts.add("seen", member.state + (member.lastSeen.map { ", last heard of \($0.rough) ago" } ?? ""))
        }
        if let ban { facts.add("banned", "\(ban.cause), until \(ban.until)") }
        if let end = peer?.lastEnd { facts.add("last_end", "\(end.ago.rough) ago: \(end.reason)") }
        if let peer, let next = peer.nextTry {
            facts.add("next_try", "in \(next.seconds), after \(peer.failures) failures")
        }
        if let words = probeWords { facts.add("from_here", words) }
        let shown = history.suffix(Self.linesShown)
        facts.add("log", .array(shown.map { .string($0) }), shown.isEmpty ? nil : "\(history.count) lines")
        facts.add("do", advice)
        return facts
    }

    var text: String { facts.text + history.suffix(Self.linesShown).map { "  \($0)\n" }.joined() }

    private var state: String {
        guard let peer else { return member == nil ? "unknown to the node" : "not connected" }
        return peer.isConnected
            ? "connected as \(peer.state)" + (peer.connected.map { " for \($0.rough)" } ?? "")
            : "not connected (\(peer.state))"
    }

    private var probeWords: String? {
        switch probe {
        case nil: nil
        case .success(let report): "it answers this machine in \(report.firstAnswer.precise), as \(report.agent)"
        case .failure(.ended(let why)): "it does not answer this machine: \(why)"
        case .failure(.timedOut): "it does not answer this machine within \(Self.probeTime.plain)"
        }
    }

    private var advice: String {
        switch probe {
        case _ where ban != nil: "wait for the end of its ban, or take it back: cairn peers unban"
        case _ where isConnected: "nothing: the connection stands"
        case nil: "find out its address: cairn net id, on its machine, prints it"
        case .success where peer?.lastEnd != nil: "it is there: what the last end says is the reason"
        case .success: "it is there and the node does not want it yet: p2p.peers in the configuration names it"
        case .failure(.timedOut): "look for a firewall between here and there, and whether the address is still right"
        case .failure(.ended): "see whether its node runs, and listens at this address: cairn status, on its machine"
        }
    }
}

extension NodeClient {
    /// The newest lines of the node's log that it keeps.
    fileprivate func logLines() throws(Failure) -> [String] {
        guard let lines = try document(ask(.get, "/v1/logs"))["lines"]?.array else {
            throw strange("/v1/logs lacks a field")
        }
        return lines.compactMap(\.string)
    }
}
