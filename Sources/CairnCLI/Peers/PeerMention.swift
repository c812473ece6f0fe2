import CairnBase
import CairnWire

/// A peer as people write it: by its id, its three words, an address and port, or a multiaddr. Nothing else is one.
enum PeerMention: Sendable, Equatable {
    case id(NodeID)
    case words(String)
    case address(Endpoint)
    case multiaddr(Endpoint, NodeID?)

    init?(_ text: String) {
        if let id = try? NodeID(peerID: text) {
            self = .id(id)
        } else if NodeName.isOne(text) {
            self = .words(text)
        } else if let endpoint = Endpoint(text) {
            self = .address(endpoint)
        } else if let address = try? Multiaddr(text: text), let endpoint = Endpoint(tcp: address) {
            self = .multiaddr(endpoint, address.node)
        } else {
            return nil
        }
    }

    func names(_ peer: PeersReport.Peer) -> Bool {
        switch self {
        case .id(let id): peer.node == id.peerID
        case .words(let words): peer.name == words
        case .address(let endpoint): peer.address == "\(endpoint)"
        case .multiaddr(let endpoint, let node): node.map { peer.node == $0.peerID } ?? (peer.address == "\(endpoint)")
        }
    }

    func names(_ member: NodeReport.Peer) -> Bool {
        switch self {
        case .id(let id): member.node == id.peerID
        case .words(let words): member.name == words
        case .address(let endpoint): member.address == "\(endpoint)"
        case .multiaddr(let endpoint, let node):
            node.map { member.node == $0.peerID } ?? (member.address == "\(endpoint)")
        }
    }

    /// Where it can be dialled, and whom to expect there, as far as the words themselves say it.
    var place: (endpoint: Endpoint, node: NodeID?)? {
        switch self {
        case .address(let endpoint): (endpoint, nil)
        case .multiaddr(let endpoint, let node): (endpoint, node)
        case .id, .words: nil
        }
    }
}
