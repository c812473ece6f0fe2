import Glibc

/// How much room there is where files are kept: what the file system says, or less where a test wants a full disk.
///
/// SAFETY, throughout: structures and paths are lent to the C library for the call.
public struct DiskSpace: Sendable {
    /// A file that says how many bytes the directory it lies in may hold. It is looked at again and again, so whoever
    /// writes it fills the disk, and whoever removes it makes room.
    private let ceiling: String?

    public init(ceiling: String? = nil) {
        self.ceiling = ceiling
    }

    /// In bytes, for those who are not root; nil where the system does not say.
    func free(at path: String) -> UInt64? {
        guard let ceiling, let most = Self.number(in: ceiling) else { return Self.freeByFileSystem(at: path) }
        let used = Self.used(below: ceiling.lastIndex(of: "/").map { String(ceiling[..<$0]) } ?? ".")
        return min(Self.freeByFileSystem(at: path) ?? .max, most > used ? most - used : 0)
    }

    private static func freeByFileSystem(at path: String) -> UInt64? {
        var facts = statvfs()
        guard unsafe statvfs(path, &facts) == 0 else { return nil }
        return UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue
    }

    /// What the files below a directory take on the disk.
    public static func used(below directory: String, depth: Int = 8) -> UInt64 {
        guard depth > 0 else { return 0 }
        return DiskFile.names(in: directory).reduce(0) { sum, name in
            let path = directory + "/" + name
            var facts = stat()
            guard unsafe lstat(path, &facts) == 0 else { return sum }
            let isDirectory = facts.st_mode & S_IFMT == S_IFDIR
            return sum &+ UInt64(clamping: facts.st_blocks) &* 512
                &+ (isDirectory ? used(below: path, depth: depth - 1) : 0)
        }
    }

    private static func number(in path: String) -> UInt64? {
        guard let file = try? DiskFile.open(path), let bytes = try? file.read(24, at: 0) else { return nil }
        return UInt64(String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
