/// Why durable state could not be read or written. A node that meets one of these stops: after a failed write nobody
/// knows what is on the disk until the process has started again and looked.
public enum StoreError: Error, Equatable, Sendable {
    /// SQLite refused; `code` is its extended result code.
    case sqlite(code: Int32, message: String, sql: String)
    /// A system call on a file failed.
    case file(operation: StaticString, path: String, errno: Int32)
    /// Another process uses this directory.
    case locked(path: String, pid: Int32?)
    /// The bytes of a row are not what was written.
    case damaged(row: String)
    /// The file is a database, but not one of ours.
    case foreign(path: String, applicationID: Int32)
    /// The file was written by a later version of this program.
    case newer(path: String, version: Int32, known: Int32)
    /// The file was written by an earlier version of this program and not opened by this one yet.
    case older(path: String, version: Int32, known: Int32)
    /// The file was written by a version of this program that kept its tables differently and was never released.
    case otherTables(path: String, table: String)
    /// A file is there already, and nothing is ever overwritten.
    case exists(path: String)
    /// A snapshot is not what it should be; nothing of it was kept.
    case snapshot(path: String, SnapshotFault)
    /// The write-ahead log could not be brought into the file, so the file alone is not the whole database: others stood in
    /// the way, or so much was left.
    case checkpoint(path: String, busy: Bool, left: Int64)
    /// So little of the disk is free that the next block is not begun.
    case diskFull(free: UInt64, need: UInt64)
    /// The chain has gone over to rules that this program does not know.
    case newerRules(version: UInt32, known: UInt32)
    /// The directory holds another chain.
    case otherChain(expected: String, found: String)
    /// A block was offered that does not follow the newest one.
    case outOfOrder(expected: UInt64, offered: UInt64)
    /// An earlier write failed; nothing more is written by this process.
    case stopped

    public static func == (left: StoreError, right: StoreError) -> Bool { "\(left)" == "\(right)" }
}

extension StoreError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .sqlite(let code, let message, let sql): "database error \(code): \(message) in: \(sql)"
        case .file(let operation, let path, let errno): "\(operation) failed on \(path): error \(errno)"
        case .locked(let path, let pid?): "\(path) is in use by process \(pid)"
        case .locked(let path, nil): "\(path) is in use by another process"
        case .damaged(let row): "damaged: \(row)"
        case .foreign(let path, let id): "\(path) is not a chain database (application id \(id))"
        case .newer(let path, let version, let known):
            "\(path) has schema \(version); this program knows up to \(known)"
        case .older(let path, let version, let known):
            "\(path) has schema \(version), this program reads \(known): the node brings it up to date when it starts"
        case .otherTables(let path, let table):
            "\(path) was made by a version whose tables differ (\(table)), from which there is no way on: move it away; the "
                + "node then fetches the chain again"
        case .exists(let path): "\(path) is there already"
        case .snapshot(let path, let fault): "\(path) is not taken: \(fault)"
        case .checkpoint(let path, true, _): "\(path) was not closed: another process reads it; nothing was moved"
        case .checkpoint(let path, false, let left):
            "\(path) was not closed: \(left) pages or bytes are in its log only; nothing was moved"
        case .diskFull(let free, let need): "disk full: \(free) bytes free, need \(need)"
        case .newerRules(let version, let known):
            "the chain runs by rules \(version); this program knows up to \(known): install a newer one"
        case .otherChain(let expected, let found): "the database holds chain \(found), not \(expected)"
        case .outOfOrder(let expected, let offered): "block \(offered) does not follow; expected \(expected)"
        case .stopped: "an earlier write failed; restart the node"
        }
    }
}
