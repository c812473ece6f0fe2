import CairnBase
import CairnRuntime
import Glibc

/// One process for as long as it lives: its number together with when it started.
///
/// The kernel hands numbers out again. Whoever stops "process 4121" an hour later may stop a stranger, so the start
/// time, in clock ticks since boot, has to match as well.
struct ProcessIdentity: Sendable, Equatable {
    let pid: Int32
    let startTicks: UInt64

    init(pid: Int32, startTicks: UInt64) {
        self.pid = pid
        self.startTicks = startTicks
    }

    /// The process that has this number now; nil when there is none. One that has ended has its number until its parent
    /// asked how.
    init?(pid: Int32) {
        guard pid > 0, let entry = Self.entry(of: pid) else { return nil }
        self.init(pid: pid, startTicks: entry.startTicks)
    }

    var isAlive: Bool {
        guard let entry = Self.entry(of: pid) else { return false }
        return entry.startTicks == startTicks && !entry.hasEnded
    }

    enum Signal: Sendable {
        case terminate, kill
    }

    /// Sends a signal, unless the process is gone.
    func signal(_ signal: Signal) {
        if isAlive { Glibc.kill(pid, signal == .kill ? SIGKILL : SIGTERM) }
    }

    /// Whether the process ended before the deadline.
    func waitForEnd(until deadline: Instant) -> Bool {
        while isAlive {
            guard Clock.monotonic() < deadline else { return false }
            pause(.milliseconds(10))
        }
        return true
    }

    /// Takes the exit of a child that has ended, so that its number is free again.
    func reap() {
        waitpid(pid, nil, WNOHANG)
    }

    /// Fields 3 and 22 of /proc/PID/stat.
    private static func entry(of pid: Int32) -> (startTicks: UInt64, hasEnded: Bool)? {
        guard let text = try? TextFile.read("/proc/\(pid)/stat", limit: 4096), let name = text.lastIndex(of: ")") else {
            return nil
        }
        // The name in parentheses may hold anything; what follows are fields 3 and up.
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, let ticks = UInt64(fields[19]) else { return nil }
        return (ticks, fields[0] == "Z" || fields[0] == "X")
    }
}

/// Lets time pass. Only commands that watch other processes do this.
func pause(_ span: TimeSpan) {
    // SAFETY: the call reads and writes two locals.
    var wanted = timespec(
        tv_sec: Int(clamping: span.nanoseconds / 1_000_000_000), tv_nsec: Int(span.nanoseconds % 1_000_000_000))
    var rest = timespec()
    while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
}
