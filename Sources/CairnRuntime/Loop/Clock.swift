internal import CLinux
public import CairnBase
internal import Glibc

/// The two clocks of the shell. Cores see neither: they are handed an `Instant`.
public enum Clock {
    /// Never goes back, never jumps; means nothing outside this machine and boot.
    public static func monotonic() -> Instant {
        Instant(nanoseconds: read(CLOCK_MONOTONIC))
    }

    /// What the calendar says, for people: log lines, file stamps, `Date` headers. Nothing is decided by it.
    public static func wall() -> WallTime {
        WallTime(millisecondsSince1970: read(CLOCK_REALTIME) / 1_000_000)
    }

    /// How far the calendar's clock may be off, where something keeps it right.
    public static var wallError: TimeSpan? {
        let microseconds = clinux_clock_error()
        return microseconds < 0 ? nil : .microseconds(UInt64(clamping: microseconds))
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        // SAFETY: the pointer is to a local that lives across the call.
        let result = unsafe clock_gettime(clock, &time)
        invariant(result == 0, "Linux has this clock")
        return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
    }
}

/// A moment of the UTC calendar, to the millisecond.
public struct WallTime: Sendable, Hashable, Comparable {
    public let millisecondsSince1970: UInt64

    public init(millisecondsSince1970: UInt64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    public static func < (left: WallTime, right: WallTime) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }

    /// Year, month and day of the proleptic Gregorian calendar, and the weekday with Sunday as 0.
    ///
    /// Counts years from 1 March, so that the leap day is the last of its year and months have a linear length.
    var date: (year: UInt64, month: UInt64, day: UInt64, weekday: UInt64) {
        let days = millisecondsSince1970 / 86_400_000
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day, (days + 4) % 7)
    }

    var timeOfDay: (hour: UInt64, minute: UInt64, second: UInt64, millisecond: UInt64) {
        let rest = millisecondsSince1970 % 86_400_000
        return (rest / 3_600_000, rest / 60_000 % 60, rest / 1_000 % 60, rest % 1_000)
    }

    /// RFC 3339, UTC, milliseconds: `2026-11-20T17:52:03.114Z`.
    public var rfc3339: String {
        let (date, time) = (date, timeOfDay)
        let day = "\(date.year.padded(4))-\(date.month.padded(2))-\(date.day.padded(2))"
        let clock = "\(time.hour.padded(2)):\(time.minute.padded(2)):\(time.second.padded(2))"
        return "\(day)T\(clock).\(time.millisecond.padded(3))Z"
    }

    /// The date form of HTTP: `Fri, 20 Nov 2026 17:52:03 GMT`.
    var httpDate: String {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let (date, time) = (date, timeOfDay)
        let clock = "\(time.hour.padded(2)):\(time.minute.padded(2)):\(time.second.padded(2))"
        let day = "\(days[Int(date.weekday)]), \(date.day.padded(2)) \(months[Int(date.month) - 1])"
        return "\(day) \(date.year.padded(4)) \(clock) GMT"
    }
}

extension UInt64 {
    /// Decimal digits, with zeros in front up to `width`.
    func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
