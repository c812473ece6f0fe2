public import CairnBase

/// What is known about the node at one address.
public struct Peer: Sendable {
    public enum State: String, Sendable {
        /// Never heard of.
        case unknown
        case alive
        /// Missed several greetings in a row.
        case suspect
        case down
    }

    public let endpoint: Endpoint
    /// Named by the operator, not met by chance: such a peer is never forgotten.
    public let isConfigured: Bool
    public internal(set) var node: NodeID?
    public internal(set) var state = State.unknown
    /// Round-trip time, smoothed over about eight samples.
    public internal(set) var roundTrip: TimeSpan?
    public internal(set) var lastProof: Instant?

    /// The greeting that waits for its reply.
    var outstanding: (nonce: UInt64, sent: Instant)?
    var missed = 0
    var nextGreeting: Instant
    var session: UInt64 = 0
    var lastSequence: UInt64 = 0
    /// What the next greeting answers.
    var lastNonce: UInt64 = 0
    /// The newest nonces sent here that nobody echoed yet, oldest first.
    private var unanswered: [UInt64] = []

    init(_ endpoint: Endpoint, isConfigured: Bool, nextGreeting: Instant) {
        self.endpoint = endpoint
        self.isConfigured = isConfigured
        self.nextGreeting = nextGreeting
    }

    /// Whether nothing proved that the peer lives since the last greeting was sent.
    var isUnanswered: Bool {
        guard let outstanding else { return false }
        return lastProof.map { $0 < outstanding.sent } ?? true
    }

    mutating func asked(_ nonce: UInt64) {
        if unanswered.count == 4 { unanswered.removeFirst() }
        unanswered.append(nonce)
    }

    /// Whether the echo answers one of them. Each answers once, and with it the older ones are void.
    mutating func accepts(_ echo: UInt64) -> Bool {
        guard let index = unanswered.firstIndex(of: echo) else { return false }
        unanswered.removeFirst(index + 1)
        return true
    }

    mutating func take(_ sample: TimeSpan) {
        guard let before = roundTrip else { return roundTrip = sample }
        // In eighths, divided first: a sample may be any length of time.
        let seven = TimeSpan(nanoseconds: before.nanoseconds / 8) * 7
        roundTrip = seven + TimeSpan(nanoseconds: sample.nanoseconds / 8)
    }
}
