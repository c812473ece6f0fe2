public import CairnBase

/// How long a message is under way when nothing is wrong.
///
/// Every message draws its own delay: a link is never a pipe that holds one message per latency.
public enum LatencyModel: Sendable, Hashable {
    /// Evenly between two bounds.
    case uniform(ClosedRange<UInt64>)
    /// Processes are spread over ten cloud regions; half the measured round trip, plus jitter that is small for most
    /// messages and reaches `jitterPPM` of the delay at worst.
    case regions(jitterPPM: UInt64)

    public static func uniform(_ least: TimeSpan, _ most: TimeSpan) -> LatencyModel {
        .uniform(min(least, most).nanoseconds...max(least, most).nanoseconds)
    }

    /// Table of base delays in nanoseconds, `count` × `count`, for ten regions; empty for a distribution.
    static let regionDelays: [UInt64] = RegionRoundTrips.tenthsOfMilliseconds.flatMap { $0.map { $0 * 50_000 } }
    static let regionCount = RegionRoundTrips.names.count
}
