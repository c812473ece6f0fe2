import Glibc

/// The person at the terminal, who can be asked.
protocol Keyboard: Sendable {
    /// Whether there is anybody to ask.
    var isPresent: Bool { get }
    /// Asks on the terminal and reads one line; nothing of it is shown while `hidden`. Nil when the input ends.
    func ask(_ question: String, hidden: Bool) -> String?
}

/// The terminal that controls this process, even when standard input and output are pipes.
///
/// SAFETY, throughout: buffers and settings are lent to the C library for the length of one call.
struct TerminalKeyboard: Keyboard {
    private static let device = "/dev/tty"
    /// No passphrase or answer is longer; what follows is dropped.
    private static let lineLimit = 1024

    var isPresent: Bool {
        let descriptor = unsafe open(Self.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }

    func ask(_ question: String, hidden: Bool) -> String? {
        let descriptor = unsafe open(Self.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let sink = DescriptorSink(descriptor: descriptor)
        sink.write(question)
        guard hidden else { return line(from: descriptor) }
        var shown = termios()
        guard unsafe tcgetattr(descriptor, &shown) == 0 else { return nil }
        var silent = shown
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
        // A person who gives up with Ctrl-C must not be left with a terminal that shows nothing they type.
        let interrupt = signal(SIGINT, SIG_IGN)
        defer {
            unsafe tcsetattr(descriptor, TCSAFLUSH, &shown)
            signal(SIGINT, interrupt)
            sink.write("\n")
        }
        return line(from: descriptor)
    }

    private func line(from descriptor: Int32) -> String? {
        var bytes: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(validating: bytes, as: UTF8.self) }
            if bytes.count < Self.lineLimit { bytes.append(byte) }
        }
    }
}
