import CairnBase

/// One end of a TCP connection over a network that loses, repeats and reorders: bytes arrive in order and once, or the
/// socket breaks.
///
/// The least of TCP that gives this: offsets, cumulative acknowledgements, a fixed window, one timer that repeats what is
/// oldest and doubles. It trusts its peer's segments as far as a kernel would.
struct SimulatedSocket: Sendable {
    /// Bytes under way, and bytes kept that came before their turn.
    static let window = 64 << 10
    /// Bytes of a segment. Larger than on a real wire, so that a run has fewer of them.
    private static let segment = 8 << 10
    private static let firstTimeout = TimeSpan.milliseconds(1_000)
    private static let longestTimeout = TimeSpan.seconds(4)
    /// Without progress for this long the connection is dead.
    private static let patience = TimeSpan.seconds(15)

    let name: SocketName
    private let isDialer: Bool
    /// Whether the other end was heard.
    private var isConnected: Bool
    private var unacknowledged: [UInt8] = []
    /// Offset of the first of them, and of the first byte never sent.
    private var base: UInt64 = 0
    private var next: UInt64 = 0
    private var received: UInt64 = 0
    private var early = OrderedMap<UInt64, [UInt8]>()
    private var owesAcknowledgement = false
    private var timeout = Self.firstTimeout
    private var repeatAt = Instant.distantFuture
    private var lastProgress: Instant
    private(set) var isBroken = false

    init(_ name: SocketName, isDialer: Bool, at now: Instant) {
        self.name = name
        self.isDialer = isDialer
        isConnected = !isDialer
        owesAcknowledgement = !isDialer
        lastProgress = now
        if isDialer { repeatAt = now }
    }

    /// How many bytes `send` takes now.
    var room: Int { Self.window - unacknowledged.count }
    /// What this end holds: sent and not acknowledged, or come too early.
    var heldCount: Int { unacknowledged.count + early.reduce(0) { $0 + $1.value.count } }

    mutating func send(_ bytes: [UInt8], at now: Instant) {
        if unacknowledged.isEmpty { lastProgress = now }
        unacknowledged += bytes
    }

    /// Takes a segment of the other end; gives the bytes that are now in order.
    mutating func receive(_ segment: SimulatedSegment, at now: Instant) -> [UInt8] {
        guard !isBroken, segment.kind != .reset else {
            isBroken = true
            return []
        }
        if !isConnected {
            isConnected = true
            settleTimer(at: now)
        }
        let newly = segment.acknowledged > base ? segment.acknowledged - base : 0
        if newly > 0, newly <= UInt64(unacknowledged.count) {
            unacknowledged.removeFirst(Int(newly))
            base = segment.acknowledged
            next = max(next, base)
            settleTimer(at: now)
        }
        // Every opening and every byte is acknowledged, the repeated ones too: the last answer may have been lost.
        owesAcknowledgement = owesAcknowledgement || segment.kind == .open || !segment.bytes.isEmpty
        guard !segment.bytes.isEmpty else { return [] }
        return inOrder(segment)
    }

    private mutating func settleTimer(at now: Instant) {
        lastProgress = now
        timeout = Self.firstTimeout
        repeatAt = unacknowledged.isEmpty ? .distantFuture : now + timeout
    }

    private mutating func inOrder(_ segment: SimulatedSegment) -> [UInt8] {
        let ahead = segment.offset > received ? segment.offset - received : 0
        guard ahead + UInt64(segment.bytes.count) <= UInt64(Self.window) else { return [] }
        if (early[segment.offset]?.count ?? 0) < segment.bytes.count { early[segment.offset] = segment.bytes }
        var bytes: [UInt8] = []
        while let first = early.first, first.key <= received {
            _ = early.popFirst()
            let known = Int(received - first.key)
            guard known < first.value.count else { continue }
            bytes += first.value[known...]
            received = first.key + UInt64(first.value.count)
        }
        return bytes
    }

    var deadline: Instant { isBroken ? .distantFuture : repeatAt }

    /// Appends what is to be said now: new bytes, an acknowledgement, what was not answered in time.
    mutating func flush(at now: Instant, into segments: inout [SimulatedSegment]) {
        guard !isBroken else { return }
        if now >= repeatAt {
            guard now.since(lastProgress) < Self.patience else {
                isBroken = true
                return segments.append(Self.reset(name))
            }
            next = base
            timeout = min(timeout * 2, Self.longestTimeout)
            repeatAt = now + timeout
            if !isConnected { segments.append(segment(.open, [], at: 0)) }
        }
        guard isConnected else { return }
        while next < base + UInt64(unacknowledged.count) {
            let start = Int(next - base)
            let bytes = Array(unacknowledged[start..<min(start + Self.segment, unacknowledged.count)])
            segments.append(segment(.data, bytes, at: next))
            next += UInt64(bytes.count)
            owesAcknowledgement = false
            if repeatAt == .distantFuture { repeatAt = now + timeout }
        }
        if owesAcknowledgement { segments.append(segment(.data, [], at: next)) }
        owesAcknowledgement = false
    }

    private func segment(_ kind: SimulatedSegment.Kind, _ bytes: [UInt8], at offset: UInt64) -> SimulatedSegment {
        SimulatedSegment(name: name, kind: kind, offset: offset, acknowledged: received, bytes: bytes)
    }

    static func reset(_ name: SocketName) -> SimulatedSegment {
        SimulatedSegment(name: name, kind: .reset, offset: 0, acknowledged: 0, bytes: [])
    }
}
