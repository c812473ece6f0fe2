public import CairnBase
import CairnTransport

extension PeerNetwork {
    /// Everybody who is connected, wanted, or was here not long ago, by node id.
    public var status: [PeerStatus] {
        var byNode: [NodeID: PeerStatus] = [:]
        for (node, departure) in departures {
            byNode[node] = PeerStatus(node, .gone)
            byNode[node]?.endpoint = departure.endpoint
        }
        for address in switchboard.wanted {
            byNode[address.node] = PeerStatus(address.node, .waiting)
            byNode[address.node]?.endpoint = address.endpoint
            byNode[address.node]?.nextTry = switchboard.nextTry(of: address.node)?.at
        }
        for link in links.values.sorted(by: { $0.id < $1.id }) where link.reason == nil {
            guard let node = link.peer ?? switchboard.dialled(by: link.id) else { continue }
            byNode[node] = status(of: link, node)
        }
        return byNode.values.sorted { $0.node < $1.node }.map { status in
            var status = status
            status.failures = switchboard.nextTry(of: status.node)?.failures ?? 0
            status.lastEnd = departures[status.node]
            return status
        }
    }

    private func status(of link: PeerLink, _ node: NodeID) -> PeerStatus {
        let state: PeerStatus.State =
            switch switchboard.phase(of: link.id) {
            case .member: .member
            case .stranger: .stranger
            case .introducing: .introducing
            case .opening, nil: .dialling
            }
        var status = PeerStatus(node, state)
        status.endpoint = link.endpoint
        status.isOutbound = link.isDialer
        status.since = link.opened
        status.roundTrip = link.roundTrip
        status.hello = link.session.peerHello
        status.clockOffset = link.clockOffset
        status.identity = link.session.identity
        status.usage = link.usage
        status.heldBytes = link.heldCount
        status.messages = link.merit
        return status
    }

    /// How far the clocks of members are ahead of ours, in milliseconds, in no order.
    var clockOffsets: [Int64] {
        links.values.filter { $0.reason == nil && switchboard.phase(of: $0.id) == .member }.compactMap(\.clockOffset)
    }

    /// Connections by phase, for the metrics.
    public var census: [(phase: String, count: Int)] {
        Switchboard.Phase.allCases.map { phase in
            (phase.rawValue, links.keys.count { switchboard.phase(of: $0) == phase })
        }
    }

    /// Measures the round trip to a connected peer anew; the status shows it once the echo is there.
    public func ping(_ node: NodeID) -> Bool {
        guard let link = links.values.first(where: { $0.peer == node && $0.reason == nil }) else { return false }
        link.ping()
        return true
    }
}
