public import CairnBase

/// Where a peer can be reached, and who must answer there.
public struct PeerAddress: Sendable, Hashable {
    public let node: NodeID
    public let endpoint: Endpoint

    public init(_ node: NodeID, at endpoint: Endpoint) {
        self.node = node
        self.endpoint = endpoint
    }
}

/// One connection of this process, from its first packet to its last. Numbers are never used again.
public struct LinkID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let number: UInt64

    init(_ number: UInt64) {
        self.number = number
    }

    public static func < (left: LinkID, right: LinkID) -> Bool { left.number < right.number }
    public var description: String { "link \(number)" }
}
