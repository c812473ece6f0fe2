import Glibc

/// The regular files below a folder, to be copied with their rights to another place. Sockets and the like are left out; a
/// link is refused, for a copy without what it leads to is none.
///
/// SAFETY, throughout: paths and structures are lent to the C library for the length of one call.
struct FolderCopy {
    private struct Entry {
        let path: String
        let mode: mode_t
        let byteCount: UInt64
    }

    private let source: String
    private var folders: [(path: String, mode: mode_t)] = []
    private var files: [Entry] = []

    /// What a person makes is not deeper.
    private static let depthMax = 16

    /// - Parameter leavesOut: of paths below the source, those that stay where they are.
    init(_ source: String, leavingOut leavesOut: (String) -> Bool) throws(Failure) {
        self.source = source
        try add("", depth: 0, leavesOut)
    }

    var byteCount: UInt64 { files.reduce(0) { $0 &+ $1.byteCount } }

    private mutating func add(_ folder: String, depth: Int, _ leavesOut: (String) -> Bool) throws(Failure) {
        guard depth < Self.depthMax else { throw Failure(.cannotRead, "\(joinPath(source, folder)) is too deep") }
        for name in try Directory.entries(joinPath(source, folder)) {
            let path = joinPath(folder, name)
            guard !leavesOut(path) else { continue }
            var facts = stat()
            guard unsafe lstat(joinPath(source, path), &facts) == 0 else {
                throw .cannot(.cannotRead, "look at", joinPath(source, path))
            }
            let mode = facts.st_mode & 0o777
            switch facts.st_mode & S_IFMT {
            case S_IFDIR:
                folders.append((path, mode))
                try add(path, depth: depth + 1, leavesOut)
            case S_IFREG: files.append(Entry(path: path, mode: mode, byteCount: UInt64(clamping: facts.st_size)))
            case S_IFLNK:
                throw Failure(.cannotRead, "\(joinPath(source, path)) is a symbolic link, which is not copied")
            default: continue
            }
        }
    }

    /// Makes the folder that is to hold the copy, and fills it; everything is durable afterwards.
    ///
    /// - Parameter reached: is told how many bytes are there.
    func write(to target: String, _ reached: (UInt64) -> Void) throws(Failure) {
        try Directory.make(target)
        for folder in folders { try Directory.make(joinPath(target, folder.path), mode: folder.mode) }
        var done: UInt64 = 0
        for file in files {
            try copyFile(joinPath(source, file.path), to: joinPath(target, file.path), mode: file.mode) { count in
                done &+= UInt64(count)
                reached(done)
            }
        }
        for folder in folders { try TextFile.sync(joinPath(target, folder.path)) }
        try TextFile.sync(target)
    }
}
