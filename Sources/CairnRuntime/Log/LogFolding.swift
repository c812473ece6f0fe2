internal import CairnBase

/// Decides which lines of a storm are written.
///
/// Of one message of one subsystem, a minute lets through a number of lines that depends on the level; the rest are
/// counted, and the count is told when the minute is over. A fixed number of messages is remembered.
struct LogFolding {
    struct Key: Hashable {
        let subsystem: String
        let message: String
    }

    /// Lines that were counted instead of written, to be told in one line.
    struct Folded: Equatable {
        let key: Key
        let level: LogLevel
        let count: UInt64
        let span: TimeSpan
    }

    private struct Window {
        var level: LogLevel
        var began: Instant
        var written: UInt64 = 0
        var folded: UInt64 = 0
    }

    static let length: TimeSpan = .seconds(60)
    static let capacity = 256

    private var windows: [Key: Window] = [:]

    /// Warnings repeat because something keeps being wrong; the fifth says no more than the first.
    static func allowance(_ level: LogLevel) -> UInt64 {
        switch level {
        case .warn, .error: 5
        case .info: 120
        case .trace, .debug, .off: 2_000
        }
    }

    /// Whether to write a line now.
    mutating func admits(_ key: Key, _ level: LogLevel, at now: Instant) -> Bool {
        var window = windows[key] ?? Window(level: level, began: now)
        window.level = level
        let admitted = window.written < Self.allowance(level)
        if admitted { window.written += 1 } else { window.folded += 1 }
        // A message that finds no room is written: folding saves space, it does not censor.
        if windows[key] != nil || windows.count < Self.capacity { windows[key] = window } else { return true }
        return admitted
    }

    /// Ends the windows that are over (all of them with `everything`) and reports what they swallowed.
    mutating func expire(at now: Instant, everything: Bool = false) -> [Folded] {
        let over = windows.filter { everything || now.since($0.value.began) >= Self.length }
        for key in over.keys { windows[key] = nil }
        return
            over
            .filter { $0.value.folded > 0 }
            .map {
                Folded(key: $0.key, level: $0.value.level, count: $0.value.folded, span: now.since($0.value.began))
            }
            .sorted { ($0.key.subsystem, $0.key.message) < ($1.key.subsystem, $1.key.message) }
    }

    /// Whether `expire` could have anything to do: cheap enough for every line.
    func isDue(at now: Instant, lastExpiry: Instant) -> Bool {
        now.since(lastExpiry) >= .seconds(1)
    }
}
