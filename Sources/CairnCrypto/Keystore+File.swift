internal import CSodium
public import CairnBase
internal import Glibc

extension Keystore {
    /// Reads a key file that nobody but its owner, who is us, could have read or changed.
    public static func load(
        _ path: String, limits: Limits.Files = Limits().files
    ) throws(KeystoreError) -> Keystore {
        let file = try OpenFile(reading: path)
        try file.checkThatOnlyWeCanTouchIt(limit: limits.keystore)
        return try decode(try file.contents(limit: limits.keystore), limits: limits)
    }

    /// Writes the key file: whole or not at all, durable on return, and over an existing file only when asked to.
    public func save(_ path: String, replacing: Bool = false) throws(KeystoreError) {
        let temporary = "\(path).\(hex(SecureRandom.bytes(count: 8))).tmp"
        let file = try OpenFile(creating: temporary)
        do {
            try file.write(encoded)
            try file.flush(.flush)
        } catch {
            unlink(temporary)
            throw error
        }
        if replacing {
            guard rename(temporary, path) == 0 else {
                let code = errno
                unlink(temporary)
                throw .system(.publish, code: code)
            }
        } else {
            // A link fails where a rename would silently replace.
            let linked = link(temporary, path) == 0
            let code = errno
            unlink(temporary)
            guard linked else { throw code == EEXIST ? .exists : .system(.publish, code: code) }
        }
        try OpenFile(directoryOf: path).flush(.publish)
    }
}

/// A file descriptor with one owner.
private struct OpenFile: ~Copyable {
    private let descriptor: Int32

    init(reading path: String) throws(KeystoreError) {
        // Without blocking: opening a pipe would otherwise wait for its other end.
        descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case ENOENT: throw .missing
            case ELOOP, ENXIO: throw .notAFile
            default: throw .system(.open, code: errno)
            }
        }
    }

    init(creating path: String) throws(KeystoreError) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(.create, code: errno) }
        // The process may run under a mask that takes the owner's own rights away.
        guard fchmod(descriptor, 0o600) == 0 else { throw .system(.create, code: errno) }
    }

    init(directoryOf path: String) throws(KeystoreError) {
        let directory = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(.publish, code: errno) }
    }

    borrowing func checkThatOnlyWeCanTouchIt(limit: Int) throws(KeystoreError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(.inspect, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_uid == geteuid() else { throw .foreignOwner(user: status.st_uid) }
        let mode = status.st_mode & 0o7777
        // 0400 is how systemd hands a credential to a service.
        guard mode & ~0o600 == 0 else { throw .exposed(mode: mode) }
        guard status.st_size <= limit else { throw .tooLarge(size: status.st_size, limit: limit) }
    }

    /// The whole file, refused once it is longer than `limit`: it may grow after its size was looked at.
    borrowing func contents(limit: Int) throws(KeystoreError) -> [UInt8] {
        var contents = [UInt8](repeating: 0, count: limit + 1)
        var count = 0
        while count < contents.count {
            let taken = contents.withUnsafeMutableBytes { buffer in
                // SAFETY: the kernel writes at most what is left of the buffer.
                unsafe read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
            }
            if taken == 0 { break }
            guard taken > 0 else {
                if errno == EINTR { continue }
                throw .system(.read, code: errno)
            }
            count += taken
        }
        guard count <= limit else { throw .tooLarge(size: count, limit: limit) }
        contents.removeLast(contents.count - count)
        return contents
    }

    borrowing func write(_ bytes: [UInt8]) throws(KeystoreError) {
        var written = 0
        while written < bytes.count {
            let taken = bytes.withUnsafeBytes { buffer in
                // SAFETY: the kernel reads at most what is left of the buffer.
                unsafe Glibc.write(descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written)
            }
            guard taken >= 0 else {
                if errno == EINTR { continue }
                throw .system(.write, code: errno)
            }
            written += taken
        }
    }

    borrowing func flush(_ operation: KeystoreError.FileOperation) throws(KeystoreError) {
        guard fsync(descriptor) == 0 else { throw .system(operation, code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
