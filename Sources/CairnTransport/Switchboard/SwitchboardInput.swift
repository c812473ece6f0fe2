public import CairnBase

extension Switchboard {
    /// What happens to connections, as the switchboard is told.
    public enum Input: Sendable {
        /// Have a connection to this peer from now on. One that the operator configured is exempt from the slots.
        case keep(PeerAddress, isConfigured: Bool)
        /// Dial once, whatever slots are taken, to learn whether the peer is there.
        case probe(PeerAddress)
        /// Dial once, whatever slots are taken, because there is something to ask; the connection stays until `leave`.
        case visit(PeerAddress)
        /// Nothing more is to be asked: a connection for which no slot is free ends.
        case leave(NodeID)
        /// Dial a peer no more; a connection that exists stays.
        case forget(NodeID)
        /// A socket was accepted.
        case arrived(LinkID, from: Endpoint)
        /// The other end proved who it is.
        case established(LinkID, NodeID)
        /// It said hello, and it belongs to our network.
        case introduced(LinkID)
        /// It speaks libp2p and not our protocols.
        case strange(LinkID)
        case measured(LinkID, Merit)
        /// Whom to have nothing to do with from now on; everybody else may come again.
        case banned(Banned)
        case ended(LinkID, Ending)
        case timer
        /// Nothing is dialled or admitted any more.
        case stop
    }

    /// What it wants done, in order.
    public enum Effect: Sendable, Equatable {
        case dial(LinkID, PeerAddress)
        /// Close an arrival before a byte is read from it.
        case refuse(LinkID, Refusal)
        case close(LinkID, Parting)
        /// A peer of our network can be talked to, over this link.
        case connected(NodeID, LinkID)
        case disconnected(NodeID)
        case setTimer(Instant)
    }

    /// Why an arrival is turned away.
    public enum Refusal: String, Sendable, CaseIterable {
        case handshakes, rate
        case addressRate = "address-rate"
        case address, subnet, stopping, banned
    }

    /// Why the switchboard ends a connection that was fine until then.
    public enum Parting: String, Sendable, CaseIterable {
        /// There are two connections with the peer, and both ends keep the other one.
        case duplicate
        /// The peer came back: the older connection is dead, whether we have noticed or not.
        case replaced
        /// We dialled ourselves.
        case ourselves
        /// All slots are taken by peers that have served longer or better.
        case full
        /// Its slot went to a newcomer.
        case evicted
        case tooManyStrangers = "too-many-strangers"
        /// It was dialled to see whether it is there, and no slot is free for it.
        case tested
        /// What it was dialled for is done, and no slot is free for it.
        case visited
        /// We dialled it for our protocols, and it speaks none of them.
        case misfit
        /// Its slot passes on, so that not all whom we chose stay as chance had it.
        case rotated
        /// It, or the address it is at, is banned.
        case banned
    }

    /// How a connection ended, as far as it matters for dialling again.
    public enum Ending: Sendable, Equatable {
        case broken
        /// The two ends do not fit: another network or version, another key than expected.
        case misfit
    }

    /// What a peer has been worth so far: it decides who keeps a slot when they run out.
    public struct Merit: Sendable, Equatable {
        public var roundTrip: TimeSpan?
        public var urgentMessages: UInt64 = 0
        public var largeMessages: UInt64 = 0

        public init() {}
    }
}
