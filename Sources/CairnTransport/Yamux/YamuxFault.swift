/// Why a multiplexed connection ended.
public enum YamuxFault: Error, Sendable, Equatable {
    /// A version, kind or flag that does not exist.
    case malformedHeader
    /// A stream number of the wrong parity, reused, or zero where a stream is meant.
    case badStream(UInt32)
    /// More bytes than the credit given.
    case windowExceeded(stream: UInt32)
    /// Credit that no counter can hold.
    case creditOverflow(stream: UInt32)
    /// More frames about frames than the connection may owe.
    case controlFlood
    /// No answer to several keepalives.
    case unresponsive

    /// Whether the peer broke the protocol, as opposed to being gone.
    var isViolation: Bool { self != .unresponsive }

    /// Whether no peer that keeps the protocol can have caused it, however slow either end was.
    public var isProof: Bool {
        switch self {
        case .malformedHeader, .windowExceeded, .creditOverflow: true
        case .badStream, .controlFlood, .unresponsive: false
        }
    }
}
