/// Nodes and addresses that this node has nothing to do with at present: what every part that deals with peers obeys.
public struct Banned: Sendable, Equatable {
    public var nodes = OrderedSet<NodeID>()
    public var addresses = OrderedSet<IPAddress>()

    public init() {}

    public func forbids(_ node: NodeID) -> Bool { nodes.contains(node) }
    /// The first address of a /64 stands for all of it.
    public func forbids(_ endpoint: Endpoint) -> Bool {
        addresses.contains(endpoint.address) || addresses.contains(endpoint.address.site)
    }

    public func forbids(_ node: NodeID, at endpoint: Endpoint) -> Bool { forbids(node) || forbids(endpoint) }
}
