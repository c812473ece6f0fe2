internal import CairnBase

/// How often a peer may open streams: so many per second, after so many at once.
struct OpenRate: Sendable {
    private let cost: TimeSpan
    private let burst: TimeSpan
    /// When everything that was opened so far is paid for.
    private var paid = Instant.origin

    init(perSecond: Int, burst: Int) {
        cost = .microseconds(1_000_000 / UInt64(max(1, perSecond)))
        self.burst = cost * UInt64(max(1, burst))
    }

    mutating func admits(at now: Instant) -> Bool {
        let next = max(paid, now) + cost
        guard next.since(now) <= burst else { return false }
        paid = next
        return true
    }
}
