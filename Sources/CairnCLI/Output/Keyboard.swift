import Glibc

/// The person at the terminal, who can be asked.
protocol Keyboard: Sendable {
    /// Whether there is anybody to ask.
    var isPresent: Bool { get }
    /// Asks on the terminal and reads one line. Nil when the input ends.
    func ask(_ question: String) -> [UInt8]?
    /// The same, while nothing that is typed is shown.
    func askHidden(_ question: String) -> [UInt8]?
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

    func ask(_ question: String) -> [UInt8]? {
        let descriptor = unsafe open(Self.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        DescriptorSink(descriptor: descriptor).write(question)
        return line(from: descriptor)
    }

    func askHidden(_ question: String) -> [UInt8]? {
        let descriptor = unsafe open(Self.device, O_RDWR | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var shown = termios()
        guard unsafe tcgetattr(descriptor, &shown) == 0 else { return nil }
        // The terminal neither shows nor edits nor interrupts: a person who gives up with Ctrl-C must not be left with one
        // that shows nothing they type.
        var silent = shown
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard unsafe tcsetattr(descriptor, TCSAFLUSH, &silent) == 0 else { return nil }
        let sink = DescriptorSink(descriptor: descriptor)
        sink.write(question)
        let typed = typedLine(from: descriptor)
        unsafe tcsetattr(descriptor, TCSAFLUSH, &shown)
        sink.write("\n")
        if case .interrupted = typed { raise(SIGINT) }
        if case .line(let bytes) = typed { return bytes }
        return nil
    }

    private enum Typed {
        case line([UInt8])
        case interrupted
        case nothing
    }

    /// Does what the terminal does with its editing keys: take back a byte, take back all, end, interrupt.
    private func typedLine(from descriptor: Int32) -> Typed {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.lineLimit)
        while true {
            var byte: UInt8 = 0
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return .nothing }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return .line(bytes)
            case 0x03: return .interrupted
            case 0x04 where bytes.isEmpty: return .nothing
            case 0x08, 0x7f: _ = bytes.popLast()
            case 0x15: bytes.removeAll(keepingCapacity: true)
            default: if bytes.count < Self.lineLimit { bytes.append(byte) }
            }
        }
    }

    private func line(from descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.lineLimit)
        while true {
            var byte: UInt8 = 0
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return bytes.isEmpty ? nil : bytes }
            if byte == UInt8(ascii: "\n") { return bytes }
            if bytes.count < Self.lineLimit { bytes.append(byte) }
        }
    }
}
