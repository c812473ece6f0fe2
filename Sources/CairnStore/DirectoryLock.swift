import Glibc

/// The right of one process to use a data directory, held for as long as this value lives.
///
/// The kernel drops the lock when the process ends, however it ends; the number in the file is only there to tell a
/// person who holds it.
///
/// SAFETY, throughout: buffers live for the call and their sizes are their own.
struct DirectoryLock: ~Copyable {
    private let descriptor: Int32

    init(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let holder = Self.pid(in: descriptor)
            close(descriptor)
            guard reason == EWOULDBLOCK else { throw .file(operation: "lock", path: path, errno: reason) }
            throw .locked(path: path, pid: holder)
        }
        let text = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, unsafe pwrite(descriptor, text, text.count, 0) == text.count else {
            let reason = errno
            close(descriptor)
            throw .file(operation: "write", path: path, errno: reason)
        }
        self.descriptor = descriptor
    }

    /// Unlocked by name: a child process that is just being started still shares the open file, and would keep it locked.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func pid(in descriptor: Int32) -> Int32? {
        var text = [UInt8](repeating: 0, count: 16)
        let count = unsafe pread(descriptor, &text, text.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: text.prefix(count).prefix { $0 != 0x0a }, as: UTF8.self))
    }
}
