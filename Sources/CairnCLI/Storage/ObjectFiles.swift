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

    /// Which state of which file it is; nil for standard input.
    var mark: SourceMark? {
        byteCount.map { count in
            SourceMark(
                path: path, byteCount: count, inode: UInt64(start.st_ino), seconds: Int64(start.st_mtim.tv_sec),
                nanoseconds: Int64(start.st_mtim.tv_nsec))
        }
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
/// Until then it is a draft beside it, with the id of its object in its name. What has whole segments stays when the program
/// ends before, for the next time.
///
/// SAFETY, throughout: buffers and paths are lent to the C library for one call, and their sizes are their own.
struct ObjectTarget: ~Copyable {
    let path: String
    /// What an earlier time left.
    let found: Int
    private let draft: String
    private let descriptor: Int32
    private var hasSegments = false
    private var isKept = false

    init(_ path: String, of object: StoredObject) throws(Failure) {
        guard !fileExists(path) else { throw Failure(.copyExists, "\(path) is there already") }
        let draft = "\(path).\(object.text.prefix(16)).part"
        let descriptor = unsafe open(draft, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "write", draft) }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, unsafe fstat(descriptor, &status) == 0,
            status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(), status.st_nlink == 1
        else {
            close(descriptor)
            throw Failure(.cannotWrite, "\(draft) is no plain file of yours, or another process writes it")
        }
        (self.path, self.draft, self.descriptor) = (path, draft, descriptor)
        found = Int(clamping: status.st_size)
    }

    deinit {
        if !isKept, !hasSegments { _ = unsafe unlink(draft) }
        close(descriptor)
    }

    /// So many of the bytes that were found.
    func read(_ count: Int, at start: Int) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let now = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(start + done))
            }
            if now < 0, errno == EINTR { continue }
            guard now > 0 else { throw .cannot(.cannotRead, "read", draft) }
            done += now
        }
        return bytes
    }

    /// Goes on behind so many bytes of whole segments that were found; nothing else of it counts.
    mutating func resume(at count: Int) throws(Failure) {
        hasSegments = count > 0
        guard ftruncate(descriptor, off_t(count)) == 0, lseek(descriptor, off_t(count), SEEK_SET) == off_t(count)
        else { throw .cannot(.cannotWrite, "write", draft) }
    }

    func append(_ bytes: [UInt8]) throws(Failure) { try TextFile.append(bytes, to: descriptor, draft) }

    /// A segment is whole: what belongs to the chunk that ends in the next one is noted behind it until that is there.
    mutating func endSegment(_ rest: [UInt8]) throws(Failure) {
        let place = lseek(descriptor, 0, SEEK_CUR)
        try TextFile.fill(descriptor, rest, draft)
        guard place >= 0, lseek(descriptor, place, SEEK_SET) == place else {
            throw .cannot(.cannotWrite, "write", draft)
        }
        hasSegments = true
    }

    /// Gives it its name, durably.
    mutating func keep() throws(Failure) {
        guard ftruncate(descriptor, lseek(descriptor, 0, SEEK_CUR)) == 0, fsync(descriptor) == 0 else {
            throw .cannot(.cannotWrite, "write", draft)
        }
        // A link does not replace what somebody put there meanwhile.
        guard unsafe link(draft, path) == 0 else { throw .cannot(.cannotWrite, "write", path) }
        isKept = true
        _ = unsafe unlink(draft)
        try TextFile.sync(parent(of: path))
    }
}
