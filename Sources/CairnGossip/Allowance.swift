internal import CairnBase

/// What one informant may still tell: so much at once, and one more in each pause.
struct Allowance: Sendable {
    private(set) var left: Int
    private var asOf: Instant

    init(_ burst: Int, at now: Instant) { (left, asOf) = (burst, now) }

    /// Takes one where there is one.
    mutating func take(burst: Int, pause: TimeSpan, at now: Instant) -> Bool {
        let earned = now.since(asOf).nanoseconds / max(1, pause.nanoseconds)
        if earned > 0 {
            left = Int(min(UInt64(burst), UInt64(left) &+ min(earned, UInt64(burst))))
            asOf = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
