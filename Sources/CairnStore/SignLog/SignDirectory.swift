public import CairnBase
import Glibc

/// A sign log's segments as files `sign-00000001.log` in a directory that one process has locked.
///
/// SAFETY, throughout: buffers are lent to the C library for one call, which stays inside them; a directory entry is
/// copied before the next one is read.
final class SignDirectory: SignLogStorage {
    private let path: String
    private let lock: DirectoryLock
    /// The segment in use stays open: the kernel reports a failed write to those who held the file when it failed.
    private var current: (segment: UInt32, file: Int32)?

    init(_ path: String) throws(SignLogError) {
        self.path = path
        do {
            lock = try DirectoryLock(path + "/sign.lock")
        } catch {
            switch error {
            case .locked(let path, let pid): throw .locked(path: path, pid: pid)
            case .file(let operation, let path, let errno):
                throw .file(operation: "\(operation)", path: path, errno: errno)
            default: throw .file(operation: "lock", path: path, errno: 0)
            }
        }
    }

    deinit {
        if let current { close(current.file) }
    }

    func segments() throws(SignLogError) -> [UInt32] {
        guard let directory = opendir(path) else { throw failure("opendir", path) }
        defer { closedir(directory) }
        var numbers: [UInt32] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            guard name.hasPrefix("sign-"), name.hasSuffix(".log"), name.utf8.count == 17,
                let number = UInt32(name.dropFirst(5).dropLast(4))
            else { continue }
            numbers.append(number)
        }
        return numbers.sorted()
    }

    func create(_ segment: UInt32, byteCount: Int) throws(SignLogError) {
        let file = try openFile(segment, O_RDWR | O_CREAT | O_TRUNC)
        defer { close(file) }
        try write(file, [UInt8](repeating: 0, count: byteCount), at: 0, name(segment))
        guard fsync(file) == 0 else { throw failure("fsync", name(segment)) }
        try syncDirectory()
    }

    func read(_ segment: UInt32) throws(SignLogError) -> [UInt8] {
        let file = try openFile(segment, O_RDONLY)
        defer { close(file) }
        let size = lseek(file, 0, SEEK_END)
        guard size >= 0, size <= 1 << 30 else { throw failure("lseek", name(segment)) }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(file, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("read", name(segment)) }
            done += count
        }
        return bytes
    }

    func write(_ segment: UInt32, _ bytes: [UInt8], at offset: Int) throws(SignLogError) {
        try write(try file(of: segment), bytes, at: offset, name(segment))
    }

    func sync(_ segment: UInt32) throws(SignLogError) {
        guard fdatasync(try file(of: segment)) == 0 else { throw failure("fdatasync", name(segment)) }
    }

    func remove(_ segment: UInt32) throws(SignLogError) {
        guard unlink(name(segment)) == 0 else { throw failure("unlink", name(segment)) }
        try syncDirectory()
    }

    private func file(of segment: UInt32) throws(SignLogError) -> Int32 {
        if let current, current.segment == segment { return current.file }
        let file = try openFile(segment, O_RDWR)
        if let current { close(current.file) }
        current = (segment, file)
        return file
    }

    private func name(_ segment: UInt32) -> String {
        let digits = String(segment)
        return path + "/sign-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".log"
    }

    private func openFile(_ segment: UInt32, _ flags: Int32) throws(SignLogError) -> Int32 {
        let file = open(name(segment), flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure("open", name(segment)) }
        return file
    }

    private func write(_ file: Int32, _ bytes: [UInt8], at offset: Int, _ name: String) throws(SignLogError) {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(file, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure("write", name) }
            done += count
        }
    }

    private func syncDirectory() throws(SignLogError) {
        let directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw failure("open", path) }
        defer { close(directory) }
        guard fsync(directory) == 0 else { throw failure("fsync", path) }
    }

    private func failure(_ operation: String, _ path: String) -> SignLogError {
        .file(operation: operation, path: path, errno: errno)
    }
}

extension SignLog {
    /// Makes the log of a new key in `directory`; refused where there is one.
    public static func create(directory: String, key: PublicKey, chain: ChainID) throws(SignLogError) {
        do {
            try create(in: SignDirectory(directory), key: key, chain: chain)
        } catch .exists {
            throw .exists(directory: directory)
        }
    }

    /// Whether there is a log in `directory`, of whichever key. Nobody may have it open.
    public static func exists(directory: String) throws(SignLogError) -> Bool {
        try !SignDirectory(directory).segments().isEmpty
    }

    /// Opens the log in `directory` for the only process that may sign with `key`.
    public convenience init(directory: String, key: PublicKey, chain: ChainID) throws(SignLogError) {
        do {
            try self.init(in: SignDirectory(directory), key: key, chain: chain)
        } catch .missing {
            throw .missing(directory: directory)
        }
    }
}
