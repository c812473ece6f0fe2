internal import CairnBase
internal import CairnWire

/// What a `DatagramPlane` keeps about one peer; it all goes when the peer goes.
struct DatagramPeer: Sendable {
    /// A handshake of ours that waits for its response.
    struct Attempt: Sendable {
        let index: UInt32
        let handshake: NoiseHandshake
        /// Sent again as it is when a cookie is asked for.
        let message: [UInt8]
        var cookie: Bytes32
        var hasCookie = false
        let tries: Int
        let nextTry: Instant
    }

    /// An address the peer was heard from and has not answered from yet.
    struct Path: Sendable {
        let endpoint: Endpoint
        let question: [UInt8]
        let asked: Instant
    }

    var key: Bytes32
    /// Where it is written to.
    var endpoint: Endpoint
    /// The session we send on, and the one before, which still opens what is under way.
    var current: UInt32?
    var previous: UInt32?
    var attempt: Attempt?
    var path: Path?
    var waiting: [DatagramMessage] = []
    var lastHeard: Instant
    /// How many datagrams of this second were opened.
    var opened: (second: UInt64, count: Int) = (0, 0)
    /// The time stated in its newest initiation; an older one is a replay.
    var lastInitiation: (key: Bytes32, time: UInt64) = (.zero, 0)

    init(key: Bytes32, at endpoint: Endpoint, now: Instant) {
        self.key = key
        self.endpoint = endpoint
        lastHeard = now
    }

    /// As it is once it has shown what it claimed.
    init(_ half: HalfOpen, at now: Instant) {
        self.init(key: half.record.value.content.datagramKey, at: half.source, now: now)
    }

    var sessions: [UInt32] { [current, previous].compactMap(\.self) }
}
