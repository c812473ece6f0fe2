public import CairnBase

/// What one multiplexed connection may hold, and for how long it may stay silent.
public struct YamuxLimits: Sendable, Equatable {
    /// Streams the peer may have open towards us.
    public var inboundStreams = 128
    /// Streams we may have open that the peer has not acknowledged.
    public var unacknowledgedStreams = 256
    /// Credit per stream and direction when it opens; the protocol fixes it.
    public var window: UInt32 = 256 << 10
    /// Bytes received on all streams that the application has not consumed.
    public var unconsumedBytes = 4 << 20
    /// Frames about frames (credit, answers to pings, resets) waiting to leave.
    public var pendingControlFrames = 512
    /// Answers to pings waiting to leave; further pings are ignored.
    public var pendingPongs = 32
    /// Bytes of a data frame when nothing more urgent is waiting, and when something is.
    public var frame = 16 << 10
    public var frameUnderPressure = 8 << 10
    /// How often we ask whether the peer is there, and how many missing answers close the connection.
    public var keepalive = TimeSpan.seconds(20)
    public var missedKeepalives = 2

    public init() {}
}
