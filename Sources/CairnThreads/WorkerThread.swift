internal import CLinux
internal import Glibc

/// A named thread that is joined once.
public final class WorkerThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// The system has no thread to give.
    public struct Refused: Error, Equatable, Sendable {
        /// The error number of `pthread_create`.
        public let code: Int32
    }

    private var thread: pthread_t?

    public init(name: String, _ run: @escaping @Sendable () -> Void) throws(Refused) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(name, run))
        // SAFETY: the thread's function takes over the one reference that `passRetained` made; when no thread was
        // started, the reference is released here.
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                // The kernel keeps fifteen bytes of a name.
                _ = clinux_name_thread(String(decoding: body.name.utf8.prefix(15), as: UTF8.self))
                body.run()
                return nil
            }, unsafe body.toOpaque())
        guard code == 0 else {
            body.release()
            throw Refused(code: code)
        }
        self.thread = thread
    }

    public func join() {
        guard let thread else { return }
        self.thread = nil
        // SAFETY: the thread was started, is joined once, and leaves no result.
        _ = pthread_join(thread, nil)
    }
}
