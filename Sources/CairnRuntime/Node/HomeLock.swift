internal import CLinux
internal import Glibc

/// The right to be the one node of a home, held for as long as this value lives.
///
/// It is a lock of the kernel on `run/lock`, so it cannot outlive its process and is never stale. The file says who
/// holds it, for people.
public struct HomeLock: ~Copyable {
    public enum Refusal: Error, Equatable, Sendable {
        /// Another process runs on this home.
        case held(by: Int32?)
        case failed(SystemError)
    }

    private let fd: FileDescriptor

    /// Takes the lock in the directory `run` of a home, making the directory when it is not there.
    public init(runDirectory: String) throws(Refusal) {
        let path = runDirectory + "/lock"
        do throws(SystemError) {
            fd = try Self.locked(path, in: runDirectory)
        } catch {
            guard error.code != EWOULDBLOCK else { throw .held(by: Self.holder(path)) }
            throw .failed(error)
        }
    }

    /// Unlocked by name: a child process that is just being started still shares the open file, and would keep it locked.
    deinit {
        flock(fd.raw, LOCK_UN)
    }

    private static func locked(_ path: String, in directory: String) throws(SystemError) -> FileDescriptor {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw lastError("mkdir") }
        let fd = try FileDescriptor("open", clinux_open_locked(path))
        guard ftruncate(fd.raw, 0) == 0 else { throw lastError("ftruncate") }
        try SmallFile.write(Array("\(getpid())\n".utf8), to: fd)
        return fd
    }

    private static func holder(_ path: String) -> Int32? {
        guard let bytes = try? SmallFile.read(path, limit: 32) else { return nil }
        return Int32(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" })
    }
}
