internal import Glibc

/// A kernel call that failed: which one, and its errno.
public struct SystemError: Error, Equatable, Sendable {
    public let call: StaticString
    public let code: Int32

    public init(_ call: StaticString, code: Int32) {
        self.call = call
        self.code = code
    }

    public static func == (left: SystemError, right: SystemError) -> Bool {
        left.code == right.code && left.call.description == right.call.description
    }

    public var isNotFound: Bool { code == ENOENT }
    public var isRefused: Bool { code == ECONNREFUSED }
    public var isDenied: Bool { code == EACCES || code == EPERM }
    public var isAddressInUse: Bool { code == EADDRINUSE }

    /// Out of descriptors, buffers or memory: it passes, and trying again at once does not help.
    var isExhaustion: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code) }
}

extension SystemError: CustomStringConvertible {
    /// `bind: Address already in use`
    public var description: String {
        // SAFETY: strerror returns a NUL-terminated string that is copied before anything else can run on this thread.
        let text = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return "\(call): \(text)"
    }
}

/// The result of a `CLinux` call: its value, or the negated errno as an error.
func checked<Value: FixedWidthInteger>(_ call: StaticString, _ result: Value) throws(SystemError) -> Value {
    guard result >= 0 else { throw SystemError(call, code: Int32(truncatingIfNeeded: 0 - result)) }
    return result
}

/// errno of a call that answers with -1.
func lastError(_ call: StaticString) -> SystemError {
    SystemError(call, code: errno)
}

func wouldBlock(_ code: Int32) -> Bool {
    code == EAGAIN || code == EINTR
}
