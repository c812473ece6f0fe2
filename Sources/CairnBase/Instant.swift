/// A point on a node's monotonic clock, in nanoseconds since an origin that only that node knows.
///
/// Cores never read a clock: the shell reads it once per loop turn and passes it in. Arithmetic saturates, because a
/// duration may come from a parameter someone voted for and no timer may ever trap the node.
@frozen
public struct Instant: Sendable, Hashable, Comparable {
    public let nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static let origin = Instant(nanoseconds: 0)
    public static let distantFuture = Instant(nanoseconds: .max)

    @inlinable
    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    @inlinable
    public static func + (instant: Instant, span: TimeSpan) -> Instant {
        let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
        return overflow ? .distantFuture : Instant(nanoseconds: sum)
    }

    /// How long after `earlier` this instant is; zero when it is not after it.
    @inlinable
    public func since(_ earlier: Instant) -> TimeSpan {
        TimeSpan(nanoseconds: nanoseconds > earlier.nanoseconds ? nanoseconds - earlier.nanoseconds : 0)
    }
}

/// A non-negative length of time with saturating arithmetic.
@frozen
public struct TimeSpan: Sendable, Hashable, Comparable {
    public let nanoseconds: UInt64

    @inlinable
    public init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    public static let zero = TimeSpan(nanoseconds: 0)

    @inlinable
    public static func microseconds(_ count: UInt64) -> TimeSpan { TimeSpan(nanoseconds: 1_000) * count }
    @inlinable
    public static func milliseconds(_ count: UInt64) -> TimeSpan { TimeSpan(nanoseconds: 1_000_000) * count }
    @inlinable
    public static func seconds(_ count: UInt64) -> TimeSpan { TimeSpan(nanoseconds: 1_000_000_000) * count }

    @inlinable
    public static func < (left: TimeSpan, right: TimeSpan) -> Bool { left.nanoseconds < right.nanoseconds }

    @inlinable
    public static func + (left: TimeSpan, right: TimeSpan) -> TimeSpan {
        let (sum, overflow) = left.nanoseconds.addingReportingOverflow(right.nanoseconds)
        return TimeSpan(nanoseconds: overflow ? .max : sum)
    }

    @inlinable
    public static func * (span: TimeSpan, factor: UInt64) -> TimeSpan {
        let (product, overflow) = span.nanoseconds.multipliedReportingOverflow(by: factor)
        return TimeSpan(nanoseconds: overflow ? .max : product)
    }

    @inlinable
    public var milliseconds: UInt64 { nanoseconds / 1_000_000 }
}
