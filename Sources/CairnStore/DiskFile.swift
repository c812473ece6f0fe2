import Glibc

/// One open file, closed by its only owner; every error names the file.
///
/// SAFETY, throughout: buffers and paths are lent to the C library for one call, and their sizes are their own.
struct DiskFile: ~Copyable {
    let path: String
    private let descriptor: Int32

    /// A file that was not there before.
    static func create(_ path: String) throws(StoreError) -> DiskFile {
        try DiskFile(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC)
    }

    static func open(_ path: String) throws(StoreError) -> DiskFile { try DiskFile(path, O_RDONLY | O_CLOEXEC) }

    /// A file that is read and grows at its end; made if it is not there.
    static func grow(_ path: String) throws(StoreError) -> DiskFile {
        try DiskFile(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC)
    }

    /// Forgets what is behind so many bytes.
    func cut(to size: Int) throws(StoreError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else {
            throw .file(operation: "truncate", path: path, errno: errno)
        }
    }

    private init(_ path: String, _ flags: Int32) throws(StoreError) {
        let descriptor = Glibc.open(path, flags, 0o600)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, errno: errno) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    var size: Int { Int(lseek(descriptor, 0, SEEK_END)) }

    /// The bytes at an offset; fewer where the file ends.
    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let now = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(descriptor, buffer.baseAddress?.advanced(by: done), count - done, off_t(offset + done))
            }
            if now < 0, errno == EINTR { continue }
            guard now >= 0 else { throw .file(operation: "read", path: path, errno: errno) }
            if now == 0 { break }
            done += now
        }
        bytes.removeLast(count - done)
        return bytes
    }

    func append(_ bytes: [UInt8]) throws(StoreError) {
        var done = 0
        while done < bytes.count {
            let now = unsafe bytes.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress?.advanced(by: done), bytes.count - done)
            }
            if now < 0, errno == EINTR { continue }
            guard now > 0 else { throw .file(operation: "write", path: path, errno: errno) }
            done += now
        }
    }

    func sync() throws(StoreError) {
        guard fsync(descriptor) == 0 else { throw .file(operation: "sync", path: path, errno: errno) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func makeDirectory(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) == 0 else { throw .file(operation: "make directory", path: path, errno: errno) }
    }

    /// Gives a file its final name, durably.
    static func move(_ path: String, to final: String) throws(StoreError) {
        guard rename(path, final) == 0 else { throw .file(operation: "rename", path: path, errno: errno) }
        let directory = final.lastIndex(of: "/").map { String(final[..<$0]) } ?? "."
        try syncDirectory(directory.isEmpty ? "/" : directory)
    }

    /// Makes durable which names stand in a directory.
    static func syncDirectory(_ path: String) throws(StoreError) {
        try DiskFile(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC).sync()
    }

    static func remove(_ path: String) { unlink(path) }

    /// What stands in a directory, sorted; nothing where there is none.
    static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes the chain's files from a directory that was ours alone, and the directory.
    static func removeChain(in directory: String) {
        for name in ["chain.db", "chain.db-wal", "chain.db-shm", "chain.db-journal", "chain.lock", "manifest.json.new"]
        {
            unlink(directory + "/" + name)
        }
        rmdir(directory)
    }
}
