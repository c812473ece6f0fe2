import Glibc

/// An exclusive lock on a file, which the kernel lets go when its holder does, however that ends.
struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Nil when somebody else holds it.
    init?(_ path: String) throws(Failure) {
        // SAFETY: the path is a C string for the length of the call.
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            close(descriptor)
            if reason == EWOULDBLOCK { return nil }
            errno = reason
            throw .cannot(.cannotWrite, "lock", path)
        }
    }

    deinit {
        close(descriptor)
    }
}
