import CairnBase

/// One process's clocks, as functions of true time: an origin, a rate that is slightly wrong, and jumps.
struct LocalClock {
    /// 15 January 2027: where Unix time stands when a run begins.
    static let unixStart: UInt64 = 1_800_000_000_000

    private var trueBase: Instant
    private var localBase: Instant
    /// How many microseconds per second this clock runs fast (or, when negative, slow).
    private let driftPPM: Int64
    private var unixOffsetMilliseconds: Int64

    init(bootedAt now: Instant, origin: Instant, driftPPM: Int64, unixOffsetMilliseconds: Int64) {
        trueBase = now
        localBase = origin
        self.driftPPM = driftPPM
        self.unixOffsetMilliseconds = unixOffsetMilliseconds
    }

    func reading(at now: Instant) -> ClockReading {
        let monotonic = local(now)
        let unix = Int64(clamping: Self.unixStart + now.milliseconds) + unixOffsetMilliseconds
        return ClockReading(monotonic: monotonic, unixMilliseconds: UInt64(max(0, unix)))
    }

    /// When this clock will show `target`; now, if it already does.
    func trueTime(of target: Instant, now: Instant) -> Instant {
        let current = local(now)
        guard target > current else { return now }
        guard target != .distantFuture else { return .distantFuture }
        let wait = target.since(current).nanoseconds
        if driftPPM == 0 { return now + TimeSpan(nanoseconds: wait) }
        // The inverse of a small drift; the two roundings are made up for, so that no timer fires before its time.
        let scaled = wait.multipliedFullWidth(by: 1_000_000)
        let divisor = UInt64(1_000_000 + driftPPM)
        guard scaled.high < divisor else { return .distantFuture }
        return now + TimeSpan(nanoseconds: divisor.dividingFullWidth(scaled).quotient) + TimeSpan(nanoseconds: 2)
    }

    /// The monotonic clock leaps ahead, as after a suspended virtual machine.
    mutating func leap(_ span: TimeSpan, at now: Instant) {
        localBase = local(now) + span
        trueBase = now
    }

    /// Somebody, or a bad time server, sets Unix time.
    mutating func stepUnix(byMilliseconds step: Int64) {
        unixOffsetMilliseconds += step
    }

    private func local(_ now: Instant) -> Instant {
        let elapsed = now.since(trueBase)
        if driftPPM == 0 { return localBase + elapsed }
        let nanoseconds = Int64(clamping: elapsed.nanoseconds)
        let gain = nanoseconds / 1_000_000 * driftPPM + nanoseconds % 1_000_000 * driftPPM / 1_000_000
        return localBase + TimeSpan(nanoseconds: UInt64(nanoseconds + gain))
    }
}

extension Instant {
    var milliseconds: UInt64 { nanoseconds / 1_000_000 }
}
