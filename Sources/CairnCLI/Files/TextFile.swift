import CairnRuntime
import Glibc

/// A whole small file as text. Every read is bounded and every write is durable before it counts.
///
/// SAFETY, throughout: paths and buffers are lent to the C library for the length of one call.
enum TextFile {
    /// Configuration and manifests are read by people; nothing honest is larger.
    static let sizeLimit = 1 << 20

    static func read(_ path: String, limit: Int = sizeLimit) throws(Failure) -> String {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try SmallFile.read(path, limit: limit)
        } catch {
            throw .cannot(.cannotRead, "read", path, error.code)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.cannotRead, "\(path) is not text in UTF-8", do: Hint("Check that it is the file you meant."))
        }
        return text
    }

    /// The end of a file that may be large.
    static func tail(_ path: String) throws(Failure) -> String {
        try appended(path, since: 0).text
    }

    /// The whole lines behind an offset, and the offset behind them; of a long stretch only the end. A file that is not
    /// there yet has no lines, and one that became shorter is read from its start.
    static func appended(_ path: String, since offset: Int) throws(Failure) -> (text: String, end: Int) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return ("", 0) }
            throw .cannot(.cannotRead, "read", path)
        }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw .cannot(.cannotRead, "read", path) }
        let start = max(offset > size ? 0 : offset, size - sizeLimit)
        var bytes = [UInt8](repeating: 0, count: size - start)
        let count = unsafe pread(descriptor, &bytes, bytes.count, start)
        guard count >= 0 else { throw .cannot(.cannotRead, "read", path) }
        let whole = bytes[..<count].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return (String(decoding: bytes[..<whole], as: UTF8.self), start + whole)
    }

    /// Makes a file that was not there before; an existing one is left alone and is an error of that name.
    static func create(_ path: String, _ text: String, mode: mode_t = 0o644) throws(Failure) {
        try create(path, Array(text.utf8), mode: mode)
    }

    static func create(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(Failure) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "write", path) }
        defer { close(descriptor) }
        try fill(descriptor, bytes, path)
        try sync(parent(of: path))
    }

    /// Puts a text in the place of a file, whole or not at all.
    static func replace(_ path: String, _ text: String, mode: mode_t = 0o644) throws(Failure) {
        try replace(path, Array(text.utf8), mode: mode)
    }

    static func replace(_ path: String, _ bytes: [UInt8], mode: mode_t = 0o644) throws(Failure) {
        do throws(SystemError) {
            try SmallFile.replace(path, with: bytes, mode: mode)
        } catch {
            throw .cannot(.cannotWrite, "write", path, error.code)
        }
    }

    static func fill(_ descriptor: Int32, _ bytes: [UInt8], _ path: String) throws(Failure) {
        try append(bytes, to: descriptor, path)
        guard fsync(descriptor) == 0 else { throw .cannot(.cannotWrite, "write", path) }
    }

    static func append(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .cannot(.cannotWrite, "write", path) }
            rest = rest.dropFirst(count)
        }
    }

    static func sync(_ directory: String) throws(Failure) {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "write in", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannot(.cannotWrite, "write in", directory) }
    }
}

/// Gives a file or a folder another place on the same file system.
func moveFile(_ source: String, to target: String) throws(Failure) {
    // SAFETY: paths are lent to the C library for the length of the call.
    guard unsafe rename(source, target) == 0 else { throw .cannot(.cannotWrite, "move to", target) }
}

func removeFile(_ path: String) throws(Failure) {
    // SAFETY: the path is lent to the C library for the length of the call.
    guard unsafe unlink(path) == 0 else { throw .cannot(.cannotWrite, "remove", path) }
}

extension TextFile {
    /// Turns the lowest bit of the byte in the middle of a file, in place, as a bad disk would.
    static func turnBit(inTheMiddleOf path: String) throws(Failure) {
        // SAFETY: the path is lent for the call.
        let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannot(.cannotWrite, "write in", path) }
        defer { close(descriptor) }
        let middle = lseek(descriptor, 0, SEEK_END) / 2
        var byte: UInt8 = 0
        // SAFETY: one byte is lent for the call, and one is read.
        guard unsafe pread(descriptor, &byte, 1, middle) == 1 else { throw .cannot(.cannotWrite, "read", path) }
        byte ^= 1
        // SAFETY: one byte is lent for the call, and one is written.
        guard unsafe pwrite(descriptor, &byte, 1, middle) == 1, fsync(descriptor) == 0 else {
            throw .cannot(.cannotWrite, "write in", path)
        }
    }
}

/// Directories, made with all their parents.
///
/// SAFETY, throughout: paths and buffers are lent to the C library for the length of one call.
enum Directory {
    static func make(_ path: String, mode: mode_t = 0o700) throws(Failure) {
        if exists(path) { return }
        let above = parent(of: path)
        if above != path, above != "." { try make(above, mode: mode) }
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST, exists(path) else {
            throw .cannot(.cannotWrite, "make the directory", path)
        }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a directory with everything in it; links are removed, never followed.
    static func remove(_ path: String) throws(Failure) {
        for name in try entries(path) {
            let member = joinPath(path, name)
            var status = stat()
            guard unsafe lstat(member, &status) == 0 else { throw .cannot(.cannotWrite, "remove", member) }
            if status.st_mode & S_IFMT == S_IFDIR {
                try remove(member)
            } else if unsafe unlink(member) != 0 {
                throw .cannot(.cannotWrite, "remove", member)
            }
        }
        guard unsafe rmdir(path) == 0 else { throw .cannot(.cannotWrite, "remove", path) }
    }

    /// The names in a directory, sorted; empty when there is none.
    static func names(_ path: String) -> [String] { (try? entries(path)) ?? [] }

    /// The same where all of them are needed; one that cannot be read is an error.
    static func entries(_ path: String) throws(Failure) -> [String] {
        guard let directory = unsafe opendir(path) else { throw .cannot(.cannotRead, "read the folder", path) }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(directory) else { break }
            // SAFETY: d_name is a C string inside the entry, which stays until the next readdir.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw .cannot(.cannotRead, "read the folder", path) }
        return names.sorted()
    }
}

func fileExists(_ path: String) -> Bool {
    // SAFETY: the path is lent for the call.
    unsafe access(path, F_OK) == 0
}

/// What the kernel said about the last call that failed, in plain words.
func systemMessage(_ code: Int32 = errno) -> String {
    // SAFETY: the C library returns a string for every number; it is copied at once.
    unsafe String(cString: strerror(code)).lowercasedFirst
}

extension Failure {
    /// A file operation failed just now; `errno` still says why.
    static func cannot(_ code: ErrorCode, _ verb: String, _ path: String, _ error: Int32 = errno) -> Failure {
        Failure(code, "cannot \(verb) \(path): \(systemMessage(error))")
    }
}
