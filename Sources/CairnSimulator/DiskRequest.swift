/// What a process can ask of its disk. Every request is answered once, in order, by `ProcessEvent.disk`.
///
/// Files are named within the process's own directory. A write is visible to reads at once and durable only after a
/// successful `sync` of that file; a new, renamed or removed name is durable only after `syncDirectory`.
public enum DiskRequest: Sendable, Equatable, CustomStringConvertible {
    case write(file: String, offset: Int, bytes: [UInt8])
    case truncate(file: String, count: Int)
    case sync(file: String)
    case read(file: String, offset: Int, count: Int)
    case rename(from: String, to: String)
    case remove(file: String)
    case syncDirectory

    public var description: String {
        switch self {
        case .write(let file, let offset, let bytes): "write \(file) \(bytes.count)@\(offset)"
        case .truncate(let file, let count): "truncate \(file) to \(count)"
        case .sync(let file): "sync \(file)"
        case .read(let file, let offset, let count): "read \(file) \(count)@\(offset)"
        case .rename(let from, let to): "rename \(from) to \(to)"
        case .remove(let file): "remove \(file)"
        case .syncDirectory: "sync directory"
        }
    }

    var isSync: Bool {
        switch self {
        case .sync, .syncDirectory: true
        default: false
        }
    }
}

public enum DiskResult: Sendable, Equatable, CustomStringConvertible {
    case done
    case read([UInt8])
    case failed(DiskError)

    public var description: String {
        switch self {
        case .done: "done"
        case .read(let bytes): "read \(bytes.count) bytes"
        case .failed(let error): "failed: \(error)"
        }
    }
}

public enum DiskError: Error, Sendable, Equatable {
    /// EIO. After a failed sync nobody knows what is durable, and a second sync proves nothing.
    case inputOutput
    /// ENOSPC: nothing of the write was applied.
    case full
    case notFound
}

/// What a starting process finds on its disk.
public struct DiskImage: Sendable, Equatable {
    let entries: [Entry]

    struct Entry: Sendable, Equatable {
        let name: String
        let bytes: [UInt8]
    }

    /// Names of all files, sorted.
    public var files: [String] { entries.map(\.name) }

    public func contents(of file: String) -> [UInt8]? {
        entries.first { $0.name == file }?.bytes
    }
}
