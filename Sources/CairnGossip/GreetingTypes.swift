public import CairnBase
public import CairnWire

/// The paces and bounds of `Greeting`.
public struct GreetingSettings: Sendable {
    public var period: TimeSpan = .seconds(1)
    public var missesToSuspect = 3
    public var missesToDown = 6
    /// A peer met by chance is forgotten after this many misses.
    public var missesToForget = 60
    /// A peer that is down is greeted this many times more rarely.
    public var downFactor: UInt64 = 8
    public var peers = 512
    /// Strangers who were sent a nonce and have not echoed it yet; the oldest makes room.
    public var strangers = 256

    public init() {}
}

/// What happens to a `Greeting`.
public enum GreetingInput: Sendable {
    case start(peers: [Endpoint])
    case received(Verified<Hello>, from: Endpoint)
    case timer
}

/// What a `Greeting` wants done.
public enum GreetingEffect: Sendable, Equatable {
    /// To be signed, then sent.
    case send(Hello.Content, to: Endpoint)
    case setTimer(at: Instant)
    case stateChanged(Endpoint, NodeID?, Peer.State)
}

/// What a `Greeting` has seen.
public struct GreetingCounters: Sendable, Equatable {
    public var greetingsSent: UInt64 = 0
    public var repliesSent: UInt64 = 0
    public var proofs: UInt64 = 0
    /// Hellos that were sent before, or answer nothing we asked.
    public var stale: UInt64 = 0
    /// Our own hellos, come back.
    public var own: UInt64 = 0
    /// Strangers turned away because the table is full.
    public var full: UInt64 = 0
}
