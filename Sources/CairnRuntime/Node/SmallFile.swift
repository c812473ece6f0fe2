internal import CairnBase
internal import Glibc

/// Files that are read or replaced whole.
public enum SmallFile {
    /// Everything in the file; more than `limit` bytes are refused, whatever the file's size claims to be.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let fd = try opened("open", open(path, O_RDONLY | O_CLOEXEC))
        var contents = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < contents.count {
            let taken = contents.withUnsafeMutableBytes { buffer in
                // SAFETY: the kernel writes at most what is left of the buffer.
                unsafe Glibc.read(fd.raw, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if taken == 0 { break }
            if taken < 0 {
                if errno == EINTR { continue }
                throw lastError("read")
            }
            count += taken
        }
        guard count <= limit else { throw SystemError("read", code: EFBIG) }
        return Array(contents[..<count])
    }

    /// Puts the bytes in place of the file: whoever looks, or loses power, finds the old contents or the new ones.
    public static func replace(_ path: String, with bytes: [UInt8], mode: UInt32 = 0o600) throws(SystemError) {
        let draft = "\(path).\(getpid()).tmp"
        do throws(SystemError) {
            let fd = try opened("open", open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode))
            try write(bytes, to: fd)
            guard fsync(fd.raw) == 0 else { throw lastError("fsync") }
            guard rename(draft, path) == 0 else { throw lastError("rename") }
        } catch {
            unlink(draft)
            throw error
        }
        let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let fd = try opened("open", open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard fsync(fd.raw) == 0 else { throw lastError("fsync") }
    }

    static func write(_ bytes: [UInt8], to fd: borrowing FileDescriptor) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let taken = bytes.withUnsafeBytes { buffer in
                // SAFETY: the kernel reads at most what is left of the buffer.
                unsafe Glibc.write(fd.raw, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            if taken < 0 {
                if errno == EINTR { continue }
                throw lastError("write")
            }
            written += taken
        }
    }

    private static func opened(_ call: StaticString, _ result: Int32) throws(SystemError) -> FileDescriptor {
        guard result >= 0 else { throw lastError(call) }
        return FileDescriptor(result)
    }
}
