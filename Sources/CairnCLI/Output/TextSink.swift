import Glibc
import Synchronization

/// Where text goes: a descriptor of the process, or memory in tests.
protocol TextSink: Sendable {
    var isTerminal: Bool { get }
    /// How many columns the terminal shows, when it is one.
    var columns: Int? { get }
    func write(_ text: String)
    /// The errno of the first text that did not get out, if any. A reader that went away lost nothing it wanted.
    var loss: Int32? { get }
}

/// Writes whole texts to a descriptor, unbuffered, so that a killed process loses nothing it has said.
///
/// SAFETY, throughout: buffers are lent to the C library for the length of one call.
final class DescriptorSink: TextSink {
    let descriptor: Int32
    private let firstLoss = Mutex<Int32?>(nil)

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    var loss: Int32? { firstLoss.withLock { $0 } }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    var columns: Int? {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }

    func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                let reason = errno
                // A reader that went away (`cairn … | head`) wants no more; there is nobody left to tell.
                if reason != EPIPE { firstLoss.withLock { $0 = $0 ?? reason } }
                return
            }
        }
    }
}

/// Keeps what was written, for tests.
final class MemorySink: TextSink {
    private let contents = Mutex("")
    let isTerminal: Bool
    let columns: Int?

    init(isTerminal: Bool = false, columns: Int? = nil) {
        self.isTerminal = isTerminal
        self.columns = columns
    }

    var text: String { contents.withLock { $0 } }
    var loss: Int32? { nil }

    func write(_ text: String) { contents.withLock { $0 += text } }
}
