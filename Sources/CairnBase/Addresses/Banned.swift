/// Nodes and addresses that this node has nothing to do with at present: what every part that deals with peers obeys.
public struct Banned: Sendable, Equatable {
    public var nodes = OrderedSet<NodeID>()
    public var addresses = OrderedSet<IPAddress>()

    public init() {}

    public func forbids(_ node: NodeID) -> Bool { nodes.contains(node) }
    public func forbids(_ endpoint: Endpoint) -> Bool { addresses.contains(endpoint.address) }
    public func forbids(_ node: NodeID, at endpoint: Endpoint) -> Bool { forbids(node) || forbids(endpoint) }
}
