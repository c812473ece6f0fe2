import CairnBase
import CairnRuntime
import CairnTransport
import CairnWire

/// A prepaid object as the chain has it: who holds its shards, and which are gone.
struct ObjectState: Sendable {
    struct Holder: Sendable {
        let node: NodeID?
        let state: State
    }

    /// What became of one shard.
    enum State: String, Sendable, CaseIterable {
        case held
        /// Its holder was drawn and has not said yet that it is there.
        case underRepair = "under-repair"
        case lost
    }

    /// Over the roots of its shards.
    let root: String
    let holders: [Holder]
    let needed: Int
    let left: Amount
    /// Nil until it is closed.
    let closing: UInt64?

    init?(_ document: JSON) {
        guard let list = document["holders"]?.array, let needed: Int = document["needed"]?.integer(),
            let left: UInt64 = document["left_units"]?.integer(), let root = document["root"]?.string
        else { return nil }
        self.root = root
        self.needed = needed
        self.left = Amount(units: left)
        closing = document["closing"]?.integer()
        holders = list.compactMap { holder in
            guard let state = holder["state"]?.string.flatMap(State.init(rawValue:)) else { return nil }
            return Holder(node: holder["node"]?.string.flatMap { try? NodeID(peerID: $0) }, state: state)
        }
        guard holders.count == list.count else { return nil }
    }

    func count(_ state: State) -> Int { holders.count { $0.state == state } }
}

extension NodeClient {
    /// Nil where the chain has no such object, any more or yet.
    func object(_ id: Digest) throws(Failure) -> ObjectState? {
        let answer = try exchange(.get, "/v1/objects/\(id)")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let state = ObjectState(try document(answer)) else {
            throw strange("/v1/objects answered \(answer.status)")
        }
        return state
    }

    /// Those nodes that keep pieces, this one among them if it does.
    func pieceHolders() throws(Failure) -> [PeerAddress] {
        var holders = try peers().peers.filter { $0.protocols.contains(RequestKind.pieces.spoken.name) }
            .compactMap { $0.multiaddr.flatMap(PeerAddress.init(multiaddr:)) }
        let own = try report()
        if try exchange(.get, "/v1/storage").status == 200, let endpoint = Endpoint(own.listen) {
            holders.append(PeerAddress(own.node, at: endpoint))
        }
        return holders
    }
}

extension PeerAddress {
    /// Nil for anything but an IP address, a TCP port and a peer's id.
    init?(multiaddr text: String) {
        guard let address = try? Multiaddr(text: text), let node = address.node, let endpoint = Endpoint(tcp: address),
            endpoint.port != 0
        else { return nil }
        self.init(node, at: endpoint)
    }
}
