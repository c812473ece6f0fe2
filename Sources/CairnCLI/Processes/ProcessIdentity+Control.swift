import CairnBase
import CairnRuntime
import Glibc

extension ProcessIdentity {
    enum Signal: Sendable {
        case terminate, kill, pause, resume, reload

        fileprivate var number: Int32 {
            switch self {
            case .terminate: SIGTERM
            case .kill: SIGKILL
            case .pause: SIGSTOP
            case .resume: SIGCONT
            case .reload: SIGHUP
            }
        }
    }

    /// Sends a signal, unless the process is gone.
    func signal(_ signal: Signal) {
        if isAlive { Glibc.kill(pid, signal.number) }
    }

    /// Whether the process ended before the deadline.
    func waitForEnd(until deadline: Instant) -> Bool {
        while isAlive {
            guard Clock.monotonic() < deadline else { return false }
            pause(.milliseconds(10))
        }
        reap()
        return true
    }

    /// Whether every thread of a process that was told to halt has done so before the deadline: one that is in the kernel with
    /// a write finishes it first.
    func waitUntilHalted(until deadline: Instant) -> Bool {
        while isAlive {
            let threads = Directory.names("/proc/\(pid)/task").compactMap(Int32.init)
            if !threads.isEmpty, threads.allSatisfy({ ProcessIdentity(pid: $0)?.isPaused ?? true }) { return true }
            guard Clock.monotonic() < deadline else { return false }
            pause(.milliseconds(1))
        }
        return true
    }

    /// Takes the exit of a child that has ended, so that its number is free again.
    func reap() {
        waitpid(pid, nil, WNOHANG)
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
