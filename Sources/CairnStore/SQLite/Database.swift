import CSQLite

/// One connection to one SQLite file.
///
/// The only writer of a file is also the only one that checkpoints it: readers are opened read-only and do not even
/// checkpoint when they close. Up to version 3.51.2, SQLite could lose the write-ahead log when two connections
/// checkpointed and wrote at once; with one there is nobody to race with.
///
/// SAFETY, throughout: the connection is open from `init` to `deinit`, where its only owner closes it, and a call keeps
/// nothing it was lent.
final class Database {
    enum Role {
        case writer
        case reader
    }

    let path: String
    private let pointer: OpaquePointer

    /// `system` names the file layer to go through; tests put one there that fails.
    init(path: String, role: Role, system: String? = nil) throws(StoreError) {
        var pointer: OpaquePointer?
        let access = role == .writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        // One thread owns a connection, so SQLite need not lock around every call.
        let code = unsafe sqlite3_open_v2(path, &pointer, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, system)
        guard code == SQLITE_OK, let pointer = unsafe pointer else {
            let error = unsafe StoreError.from(pointer, code: code, sql: "open \(path)")
            unsafe sqlite3_close_v2(pointer)
            throw error
        }
        self.path = path
        unsafe self.pointer = pointer
        unsafe _ = sqlite3_busy_timeout(pointer, 1000)
        unsafe _ = cairn_defensive(pointer)
        try execute("PRAGMA trusted_schema = OFF")
        try execute("PRAGMA mmap_size = 0")
        try execute("PRAGMA cell_size_check = ON")
        switch role {
        case .writer:
            try execute("PRAGMA journal_mode = WAL")
            try execute("PRAGMA synchronous = FULL")
            try execute("PRAGMA foreign_keys = ON")
            // In KiB. The state has a cache of its own above this one.
            try execute("PRAGMA cache_size = -16384")
        case .reader:
            unsafe _ = cairn_no_checkpoint_on_close(pointer, 1)
            try execute("PRAGMA wal_autocheckpoint = 0")
        }
    }

    deinit {
        unsafe sqlite3_close_v2(pointer)
    }

    func prepare(_ sql: String) throws(StoreError) -> Statement {
        try unsafe Statement(sql, in: pointer)
    }

    func execute(_ sql: String) throws(StoreError) {
        let code = unsafe sqlite3_exec(pointer, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe StoreError.from(pointer, code: code, sql: sql) }
    }

    func integer(_ sql: String) throws(StoreError) -> Int64 {
        try prepare(sql).first { row in row.integer(0) } ?? 0
    }

    /// Brings the write-ahead log into the file and empties it: afterwards the file is the whole database. SQLite says in a
    /// row, and not by an error, that it could not.
    func checkpoint() throws(StoreError) {
        let found = try prepare("PRAGMA wal_checkpoint(TRUNCATE)").first { row in
            (busy: row.integer(0), log: row.integer(1), done: row.integer(2))
        }
        guard let (busy, log, done) = found, busy == 0, log == done else {
            throw .checkpoint(path: path, busy: found?.busy != 0, left: (found?.log ?? 0) - (found?.done ?? 0))
        }
    }

    /// All of it or nothing. When the commit itself fails, whether it happened is unknown until the file is opened
    /// again, and the error says so by being thrown.
    func transaction<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            // The first error is the one that explains; a rollback after an I/O error may well fail too.
            try? execute("ROLLBACK")
            throw error
        }
    }
}
