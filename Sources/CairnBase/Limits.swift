/// Every bound of a node in one value: what may be held, sent, accepted or waited for.
///
/// Nothing that a peer, a file or a person can make grow is without a number here. Who reaches a bound drops and counts,
/// by the rule of its queue, map or message; nothing is allocated before its size was compared. Sizes are in bytes.
///
/// The groups follow the layers. Those marked *of the protocol* must be equal on all nodes of a network, because they
/// decide what is valid; the others are one node's own business, and tests shrink them to reach the edges.
public struct Limits: Sendable, Hashable {
    public var datagrams = Datagrams()
    public var connections = Connections()
    public var secureChannel = SecureChannel()
    public var streams = Streams()
    public var membership = Membership()
    public var addresses = Addresses()
    public var gossip = Gossip()
    public var consensus = Consensus()
    public var ledger = Ledger()
    public var witness = Witness()
    public var sync = Sync()
    public var interface = Interface()
    public var store = Store()
    public var pieces = Pieces()
    public var files = Files()

    public init() {}
}
