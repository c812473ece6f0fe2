import CSQLite
import CairnLedger
import CairnStore

/// What SQLite alone takes to make as many bytes durable, in one transaction a block: rows appended to one table, which
/// is the least it can do, or state entries put in their places by key, which is what a ledger without our store does.
///
/// SAFETY, throughout: the handles are opened once and live as long as the value, and bytes are copied when bound.
final class RawTable {
    private var database: OpaquePointer?
    private var append: OpaquePointer?
    private var put: OpaquePointer?

    init(_ path: String) throws {
        guard unsafe sqlite3_open(path, &database) == SQLITE_OK else { throw error("open") }
        try run("PRAGMA journal_mode = WAL")
        try run("PRAGMA synchronous = FULL")
        try run("CREATE TABLE raw(id INTEGER PRIMARY KEY, bytes BLOB)")
        try run("CREATE TABLE keyed(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID")
        append = try prepare("INSERT INTO raw(bytes) VALUES (?)")
        put = try prepare(
            "INSERT INTO keyed VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value")
    }

    deinit {
        unsafe sqlite3_finalize(append)
        unsafe sqlite3_finalize(put)
        unsafe sqlite3_close(database)
    }

    /// Appends rows, and as many more of one kind as asked.
    func insert(_ rows: [[UInt8]], copies: Int, of row: [UInt8]) throws {
        try run("BEGIN")
        for bytes in rows { try step(append, [bytes]) }
        for _ in 0..<copies { try step(append, [row]) }
        try run("COMMIT")
    }

    /// Appends rows, and puts entries where their keys belong.
    func put(_ rows: [[UInt8]], _ changes: [StateChange]) throws {
        try run("BEGIN")
        for bytes in rows { try step(append, [bytes]) }
        for change in changes { try step(put, [change.key.bytes, change.value ?? []]) }
        try run("COMMIT")
    }

    private func step(_ statement: OpaquePointer?, _ values: [[UInt8]]) throws {
        for (index, bytes) in values.enumerated() {
            unsafe _ = cairn_bind_blob_copy(statement, Int32(index + 1), bytes, UInt64(bytes.count))
        }
        guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw error("insert") }
        unsafe sqlite3_reset(statement)
    }

    private func prepare(_ sql: String) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else { throw error(sql) }
        return unsafe statement
    }

    private func run(_ sql: String) throws {
        guard unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    private func error(_ sql: String) -> StoreError {
        .sqlite(
            code: unsafe sqlite3_errcode(database), message: unsafe String(cString: sqlite3_errmsg(database)), sql: sql)
    }
}
