/// What the calendar says at a moment of a monotonic clock, from what it said once.
///
/// Cores that write times down, or compare them with others', take it in their initialiser and never ask again: a
/// calendar that is set back while a process runs makes nothing older.
public struct CalendarClock: Sendable {
    private let millisecondsAtStart: UInt64
    private let start: Instant

    public init(unixMilliseconds: UInt64, at start: Instant) {
        millisecondsAtStart = unixMilliseconds
        self.start = start
    }

    /// Since 1970.
    public func milliseconds(at now: Instant) -> UInt64 { millisecondsAtStart &+ now.since(start).milliseconds }
    public func seconds(at now: Instant) -> UInt64 { milliseconds(at: now) / 1_000 }
}
