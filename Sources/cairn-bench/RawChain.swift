import CSQLite
import CairnStore

/// What SQLite alone takes for the rows of a chain: a copy of the database from before the blocks, into which the same
/// rows go, into the same tables, in the same transactions, with every value ready. No hash, no root, no rules.
///
/// SAFETY, throughout: the handles are opened once and live as long as the value, and values are copied when bound.
final class RawChain {
    private var copy: OpaquePointer?
    private var original: OpaquePointer?
    private var inserts: [String: OpaquePointer?] = [:]

    init(copy path: String, of original: String) throws {
        guard unsafe sqlite3_open(path, &copy) == SQLITE_OK,
            unsafe sqlite3_open_v2(original, &self.original, SQLITE_OPEN_READONLY, nil) == SQLITE_OK
        else { throw error("open") }
        for pragma in ["journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16384"] {
            try run("PRAGMA " + pragma)
        }
        for (table, columns) in [("block", 12), ("receipt", 6), ("pending", 3)] {
            inserts[table] = try prepare(
                "INSERT INTO \(table) VALUES (\((1...columns).map { "?\($0)" }.joined(separator: ", ")))", in: copy)
        }
        inserts["state"] = try prepare(
            """
            INSERT INTO state VALUES (?, ?, ?, ?)
            ON CONFLICT(path) DO UPDATE SET value = excluded.value, "check" = excluded."check"
            """, in: copy)
    }

    deinit {
        for (_, statement) in inserts { unsafe sqlite3_finalize(statement) }
        unsafe sqlite3_close(original)
        unsafe sqlite3_close(copy)
    }

    /// The seconds for one block: its row and receipts, its pending changes of a size, and where the store brought its
    /// table up to date, the entries at some paths.
    func replay(height: UInt64, pending size: Int, entries paths: [[UInt8]]) throws -> Double {
        let block = try rows("SELECT * FROM block WHERE height = \(height)")
        let receipts = try rows("SELECT * FROM receipt WHERE height = \(height) ORDER BY position")
        let pending = try rows("SELECT \(height), randomblob(\(size)), randomblob(32)")
        var entries: [[OpaquePointer?]] = []
        for path in paths {
            entries += try rows("SELECT * FROM state WHERE path = x'\(path.map(twoDigits).joined())'")
        }
        defer {
            for row in block + receipts + pending + entries { for value in row { unsafe sqlite3_value_free(value) } }
        }
        return try seconds {
            try run("BEGIN IMMEDIATE")
            try insert(block, into: "block")
            try insert(receipts, into: "receipt")
            try insert(pending, into: "pending")
            if !entries.isEmpty {
                try insert(entries, into: "state")
                try run("DELETE FROM pending")
            }
            try run("COMMIT")
        }
    }

    private func insert(_ rows: [[OpaquePointer?]], into table: String) throws {
        let statement = inserts[table] ?? nil
        for row in rows {
            for (index, value) in row.enumerated() { unsafe _ = sqlite3_bind_value(statement, Int32(index + 1), value) }
            guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw error(table) }
            unsafe sqlite3_reset(statement)
        }
    }

    private func rows(_ sql: String) throws -> [[OpaquePointer?]] {
        let statement = try prepare(sql, in: original)
        defer { unsafe sqlite3_finalize(statement) }
        var rows: [[OpaquePointer?]] = []
        while unsafe sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map {
                    unsafe sqlite3_value_dup(sqlite3_column_value(statement, $0))
                })
        }
        return rows
    }

    private func prepare(_ sql: String, in database: OpaquePointer?) throws -> OpaquePointer? {
        var statement: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK else { throw error(sql) }
        return unsafe statement
    }

    private func run(_ sql: String) throws {
        guard unsafe sqlite3_exec(copy, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    private func error(_ sql: String) -> StoreError {
        .sqlite(code: unsafe sqlite3_errcode(copy), message: unsafe String(cString: sqlite3_errmsg(copy)), sql: sql)
    }

    private func twoDigits(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
}
