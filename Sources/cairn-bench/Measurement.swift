/// Times closures against each other so that a shared, noisy machine still gives honest ratios.
///
/// Ours and the limit run in turn, A B A B …; the figure printed is the median of each and the median of the pairwise
/// ratios, so a machine that slows down half-way slows both sides of a pair.
struct Measurement {
    /// Medians, in nanoseconds per operation.
    let ours: Double
    let limit: Double
    /// The median of ours ÷ limit, pair by pair.
    let ratio: Double

    static let pairs = 9

    /// `operations` is how often each closure does its work per call; a call should take tens of milliseconds.
    static func paired<Failure: Error>(
        operations: Int, ours: () throws(Failure) -> Void, limit: () throws(Failure) -> Void
    ) throws(Failure) -> Measurement {
        try ours()
        try limit()
        var samples: [(ours: Double, limit: Double)] = []
        for _ in 0..<pairs {
            let time = try nanoseconds(ours)
            samples.append((time / Double(operations), try nanoseconds(limit) / Double(operations)))
        }
        return Measurement(
            ours: median(samples.map(\.ours)), limit: median(samples.map(\.limit)),
            ratio: median(samples.map { $0.ours / $0.limit }))
    }

    /// The median time of one operation, for what has a fixed limit instead of a competitor.
    static func alone(operations: Int, _ work: () -> Void) -> Double {
        work()
        return median((0..<pairs).map { _ in nanoseconds(work) / Double(operations) })
    }

    static func nanoseconds<Failure: Error>(_ work: () throws(Failure) -> Void) throws(Failure) -> Double {
        let start = ContinuousClock.now
        try work()
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
    }

    private static func median(_ values: [Double]) -> Double { percentile(50, values) }

    static func percentile(_ percent: Int, _ values: [Double]) -> Double {
        values.sorted()[min(values.count - 1, values.count * percent / 100)]
    }
}
