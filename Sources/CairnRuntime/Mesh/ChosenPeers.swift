import CairnBase
import CairnWire

/// The peers that the configuration names: endpoints, and who has answered there.
///
/// Whoever wants to pass for one can say that it is at such an endpoint, and can write it on datagrams. It cannot answer
/// there when we dial it over TCP, so only that counts.
struct ChosenPeers {
    private let endpoints: [Endpoint]
    // ORDER: asked for its values as a set.
    private var answered: [Endpoint: NodeID] = [:]

    init(_ endpoints: [Endpoint]) { self.endpoints = endpoints }

    /// We dialled this endpoint over TCP, and who answered has proven this name.
    mutating func reached(_ node: NodeID, at endpoint: Endpoint) {
        if endpoints.contains(endpoint) { answered[endpoint] = node }
    }

    func contains(_ node: NodeID) -> Bool { answered.values.contains(node) }

    /// Whether a ban of the address would shut out a chosen peer too.
    func stand(at place: IPAddress) -> Bool { endpoints.contains { $0.address.site == place.site } }
}
