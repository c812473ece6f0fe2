import CairnBase

/// Decides when to ask a silent peer for a sign of life, and when to stop asking.
struct Keepalive: Sendable {
    enum Step: Equatable { case none, ping(UInt32), lost }

    let period: TimeSpan
    let allowedMisses: Int
    private(set) var due: Instant
    private var asked: (value: UInt32, at: Instant)?
    private var misses = 0
    private var counter: UInt32 = 0

    init(period: TimeSpan, allowedMisses: Int, at now: Instant) {
        self.period = period
        self.allowedMisses = allowedMisses
        due = now + period
    }

    mutating func advance(to now: Instant) -> Step {
        guard now >= due else { return .none }
        due = now + period
        if asked != nil {
            misses += 1
            if misses >= allowedMisses { return .lost }
        }
        counter &+= 1
        asked = (counter, now)
        return .ping(counter)
    }

    /// The round trip if `value` answers the question that is open; anything else proves nothing.
    mutating func answered(_ value: UInt32, at now: Instant) -> TimeSpan? {
        guard let question = asked, question.value == value else { return nil }
        asked = nil
        misses = 0
        return now.since(question.at)
    }
}
