public import CairnBase
public import CairnWire

/// What happens to a `DatagramPlane`.
public enum DatagramInput: Sendable {
    case received([UInt8], from: Endpoint)
    /// A node whose record was checked may be reached there.
    case contact(NodeID, key: Bytes32, at: Endpoint)
    case forget(NodeID)
    /// Whom to neither hear nor write to from now on.
    case banned(Banned)
    /// Ask whose address this is; the answer comes as `introduced`.
    case ask(Endpoint)
    case send(DatagramMessage, to: NodeID)
    /// The turn is over: what waits is packed and sealed.
    case flush
    case timer
    /// Our own record, signed, whenever it changes.
    case record(NodeRecord)
}

/// What a `DatagramPlane` wants done.
public enum DatagramEffect: Sendable {
    case send([UInt8], to: Endpoint)
    case received(DatagramMessage, from: NodeID, at: Endpoint)
    /// Somebody showed a record with a good signature, and is at this address: it answered from there, or holds the key.
    case introduced(Verified<NodeRecord>, at: Endpoint)
    /// There is a session where there was none.
    case opened(NodeID, Endpoint)
    /// Nobody with that key answers; what waited was dropped.
    case unreachable(NodeID)
    case setTimer(at: Instant)
}

/// What a `DatagramPlane` has seen. Whatever is dropped is counted under its reason.
public struct DatagramCounters: Sendable, Equatable {
    public var sealed: UInt64 = 0
    public var opened: UInt64 = 0
    public var initiationsSent: UInt64 = 0
    public var sessions: UInt64 = 0
    public var cookiesSent: UInt64 = 0
    public var answersSent: UInt64 = 0
    /// Not in any form a datagram has.
    public var malformed: UInt64 = 0
    /// For a session, a handshake or a question that is not ours, or no longer.
    public var unknown: UInt64 = 0
    public var replayed: UInt64 = 0
    public var forged: UInt64 = 0
    /// Of another network.
    public var foreign: UInt64 = 0
    /// Strangers beyond what is answered in a second.
    public var limited: UInt64 = 0
    /// Messages that found no contact, no room, or a datagram too small.
    public var undeliverable: UInt64 = 0
    /// Peers turned away or forgotten because the table was full.
    public var full: UInt64 = 0
    /// Of banned addresses, or the first messages of banned nodes.
    public var banned: UInt64 = 0
}
