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

    /// The process that has this number now; nil when there is none or it has ended.
    init?(pid: Int32) {
        guard pid > 0, let ticks = Self.startTicks(of: pid) else { return nil }
        self.init(pid: pid, startTicks: ticks)
    }

    var isAlive: Bool { Self.startTicks(of: pid) == startTicks }

    /// Sends a signal, unless the process is gone.
    func signal(_ number: Int32) {
        if isAlive { kill(pid, number) }
    }

    /// Whether the process ended before the deadline.
    func waitForEnd(until deadline: Instant) -> Bool {
        while isAlive {
            guard Clock.monotonic() < deadline else { return false }
            pause(.milliseconds(10))
        }
        return true
    }

    /// Field 22 of /proc/PID/stat; nil for a process that has ended and only waits for its parent to ask.
    private static func startTicks(of pid: Int32) -> UInt64? {
        guard let text = try? TextFile.read("/proc/\(pid)/stat", limit: 4096), let name = text.lastIndex(of: ")") else {
            return nil
        }
        // The name in parentheses may hold anything; what follows are fields 3 and up.
        let fields = text[text.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }
}

/// Lets time pass. Only commands that watch other processes do this.
func pause(_ span: TimeSpan) {
    var wanted = timespec(
        tv_sec: Int(clamping: span.nanoseconds / 1_000_000_000), tv_nsec: Int(span.nanoseconds % 1_000_000_000))
    var rest = timespec()
    while unsafe nanosleep(&wanted, &rest) != 0, errno == EINTR { wanted = rest }
}
