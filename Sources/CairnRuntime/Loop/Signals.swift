internal import CLinux
internal import Glibc

/// What the operating system or the operator asks of the process.
public enum SignalRequest: Sendable, Hashable {
    /// SIGTERM or SIGINT.
    case stop
    /// SIGHUP.
    case reload
}

/// Turns SIGTERM, SIGINT and SIGHUP into calls on the loop.
///
/// Made before any other thread is started: threads inherit the blocked mask, and a signal that some other thread still
/// takes would end the process instead.
public final class SignalSource {
    private let loop: EventLoop
    private let fd: FileDescriptor
    private var watch: Watch?

    public init(on loop: EventLoop, _ receive: @escaping (SignalRequest) -> Void) throws(SystemError) {
        let signals = [SIGTERM, SIGINT, SIGHUP]
        // SAFETY: the array outlives the call, which copies it.
        let result = unsafe signals.withUnsafeBufferPointer { unsafe clinux_signalfd($0.baseAddress, $0.count) }
        fd = try FileDescriptor("signalfd", result)
        self.loop = loop
        let raw = fd.raw
        watch = try loop.watch(fd, for: .readable) { _ in
            while true {
                let signal = clinux_signalfd_take(raw)
                guard signal > 0 else { return }
                receive(signal == SIGHUP ? .reload : .stop)
            }
        }
    }

    deinit {
        if let watch { loop.end(watch) }
    }
}
