internal import Glibc

/// One process for as long as it lives: its number and when it started.
///
/// The kernel hands numbers out again; the start time, in clock ticks since boot, tells the namesakes apart.
public struct ProcessIdentity: Sendable, Hashable {
    public let pid: Int32
    public let startTicks: UInt64

    public init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// The process that has this number now; nil when there is none. One that has ended has its number until its parent
    /// asked how.
    public init?(pid: Int32) {
        guard pid > 0, let entry = Self.entry(of: pid) else { return nil }
        self.init(pid: pid, startTicks: entry.startTicks)
    }

    public static var current: ProcessIdentity? { ProcessIdentity(pid: getpid()) }

    public var isAlive: Bool {
        guard let entry = Self.entry(of: pid) else { return false }
        return entry.startTicks == startTicks && !entry.hasEnded
    }

    /// Whether it was halted by a signal, until another lets it go on.
    public var isPaused: Bool {
        guard let entry = Self.entry(of: pid) else { return false }
        return entry.startTicks == startTicks && entry.isPaused
    }

    private struct Entry {
        let startTicks: UInt64
        let hasEnded: Bool
        let isPaused: Bool
    }

    /// Fields 3, 20 and 22 of /proc/PID/stat.
    ///
    /// The first thread of a process that is killed may end before the others, and its ports and locks are held until
    /// the last of them did.
    private static func entry(of pid: Int32) -> Entry? {
        guard let bytes = try? SmallFile.read("/proc/\(pid)/stat", limit: 4_096) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        // The name in parentheses may hold anything; what follows are fields 3 and up.
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, let threads = UInt64(fields[17]), let ticks = UInt64(fields[19]) else { return nil }
        let isFirstGone = fields[0] == "Z" || fields[0] == "X"
        return Entry(startTicks: ticks, hasEnded: isFirstGone && threads <= 1, isPaused: fields[0] == "T")
    }
}
