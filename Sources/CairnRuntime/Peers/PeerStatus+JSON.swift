public import CairnBase
internal import CairnCrypto
import CairnTransport
public import CairnWire

extension PeerStatus {
    /// One peer in the document at `/v1/peers`. Times are lengths that end now.
    public func json(at now: Instant) -> JSON {
        [
            "node": .string(node.peerID),
            "name": .string(NodeName(of: node, using: Blake2b()).description),
            "state": .string(state.rawValue),
            "direction": .string(isOutbound ? "out" : "in"),
            "address": endpoint.map { .string($0.description) } ?? .null,
            "multiaddr": multiaddr.map { .string($0.description) } ?? .null,
            "connected_ms": since.map { JSON(now.since($0).milliseconds) } ?? .null,
            "rtt_us": roundTrip.map { JSON($0.nanoseconds / 1_000) } ?? .null,
            "network": hello.map { .string($0.network) } ?? .null,
            "height": hello.map { JSON($0.height.number) } ?? .null,
            "clock_offset_ms": clockOffset.map { JSON($0) } ?? .null,
            "agent": (hello?.agent ?? identity?.agentVersion).map { .string($0) } ?? .null,
            "protocols": .array((identity?.protocols ?? []).map { .string($0) }),
            "streams": JSON(usage.streams),
            "held_bytes": JSON(heldBytes),
            "unsent_bytes": JSON(usage.unsent),
            "urgent_messages": JSON(messages.urgentMessages),
            "large_messages": JSON(messages.largeMessages),
            "failures": JSON(failures),
            "next_try_ms": nextTry.map { JSON($0.since(now).milliseconds) } ?? .null,
            "last_end": lastEnd.map {
                ["reason": .string($0.reason), "ago_ms": JSON(now.since($0.at).milliseconds)]
            } ?? .null,
        ]
    }

    /// Where to dial the peer: what it says of itself where its address fits, or where we dialled it.
    private var multiaddr: Multiaddr? {
        let said = identity?.listenAddresses.first { address in
            guard let seen = endpoint, let own = Multiaddr.tcp(seen) else { return false }
            return address.tcp?.host == own.tcp?.host
        }
        let place = said ?? (isOutbound ? endpoint.flatMap(Multiaddr.tcp) : nil)
        return place.flatMap { try? Multiaddr($0.components.filter { $0.isPlace } + [.p2p(node)]) }
    }
}

extension Multiaddr.Component {
    fileprivate var isPlace: Bool { if case .p2p = self { false } else { true } }
}
