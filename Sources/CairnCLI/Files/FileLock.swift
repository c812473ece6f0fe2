import CairnBase
import CairnRuntime
import Glibc

/// An exclusive lock on a file, which the kernel lets go when its holder does, however that ends.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Nil when somebody else holds it, and still does at the deadline.
    init?(_ path: String, until deadline: Instant = .origin) throws(Failure) {
        // SAFETY: the path is a C string for the length of the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "open", path) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let reason = errno
            guard reason == EWOULDBLOCK || reason == EINTR else {
                close(descriptor)
                throw .cannot(.cannotWrite, "lock", path, reason)
            }
            guard Clock.monotonic() < deadline else {
                close(descriptor)
                return nil
            }
            pause(.milliseconds(20))
        }
    }

    /// Unlocked by name: a child process that is just being started still shares the open file, and would keep it locked.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
