import Glibc

/// A file that is read once from its start, and must not change meanwhile; or standard input, until it ends.
///
/// SAFETY, throughout: buffers and paths are lent to the C library for one call, and their sizes are their own.
struct ObjectSource: ~Copyable {
    let path: String
    /// Nil where only its end will tell.
    let byteCount: UInt64?
    private let descriptor: Int32
    private let start: stat

    static func standardInput() throws(Failure) -> ObjectSource {
        let descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { throw .cannot(.cannotRead, "read", "standard input") }
        return ObjectSource(stream: descriptor)
    }

    private init(stream descriptor: Int32) {
        (path, byteCount, start) = ("standard input", nil, stat())
        self.descriptor = descriptor
    }

    init(_ path: String) throws(Failure) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .cannot(.cannotRead, "read", path) }
        var start = stat()
        guard unsafe fstat(descriptor, &start) == 0, start.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(.cannotRead, "\(path) is not a plain file")
        }
        self.path = path
        self.descriptor = descriptor
        self.start = start
        byteCount = UInt64(clamping: start.st_size)
    }

    deinit {
        close(descriptor)
    }

    /// The next bytes; fewer only at the end.
    func next(_ count: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let now = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe read(descriptor, buffer.baseAddress?.advanced(by: done), count - done)
            }
            if now < 0, errno == EINTR { continue }
            guard now >= 0 else { throw .cannot(.cannotRead, "read", path) }
            if now == 0 { break }
            done += now
        }
        bytes.removeLast(count - done)
        return bytes
    }

    /// Fails when what was read need not be one state of the file.
    func checkUnchanged(read count: UInt64) throws(Failure) {
        guard let byteCount else { return }
        var now = stat()
        guard unsafe fstat(descriptor, &now) == 0, now.st_size == start.st_size, count == byteCount,
            now.st_mtim.tv_sec == start.st_mtim.tv_sec, now.st_mtim.tv_nsec == start.st_mtim.tv_nsec
        else { throw Failure(.cannotRead, "\(path) changed while it was read") }
    }
}

/// A file that appears under its name when all of it is there, and never in the place of another.
///
/// SAFETY, throughout: buffers and paths are lent to the C library for one call, and their sizes are their own.
struct ObjectTarget: ~Copyable {
    let path: String
    private let descriptor: Int32
    private var isKept = false
    private var draft: String { path + ".part" }

    init(_ path: String) throws(Failure) {
        guard !fileExists(path) else { throw Failure(.copyExists, "\(path) is there already") }
        let descriptor = unsafe open(path + ".part", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "write", path + ".part") }
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        close(descriptor)
        if !isKept { _ = unsafe unlink(draft) }
    }

    func append(_ bytes: [UInt8]) throws(Failure) { try TextFile.append(bytes, to: descriptor, draft) }

    /// Gives it its name, durably.
    mutating func keep() throws(Failure) {
        guard fsync(descriptor) == 0 else { throw .cannot(.cannotWrite, "write", draft) }
        // A link does not replace what somebody put there meanwhile.
        guard unsafe link(draft, path) == 0 else { throw .cannot(.cannotWrite, "write", path) }
        isKept = true
        _ = unsafe unlink(draft)
        try TextFile.sync(parent(of: path))
    }
}
