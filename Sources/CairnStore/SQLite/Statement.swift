import CSQLite

/// A prepared statement with one owner, finalised when that owner lets go of it.
///
/// Columns are counted from 0 and parameters are bound in order. A statement must not outlive its database.
///
/// SAFETY, throughout: the statement lives from `init` to `deinit`, inside its database's life; values are copied when
/// bound, and columns are copied before the next step.
struct Statement: ~Copyable {
    private let pointer: OpaquePointer
    private let database: OpaquePointer

    init(_ sql: String, in database: OpaquePointer) throws(StoreError) {
        var pointer: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(
            database, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer = unsafe pointer else {
            throw StoreError.from(database, code: code, sql: sql)
        }
        unsafe self.pointer = pointer
        unsafe self.database = database
    }

    deinit {
        unsafe sqlite3_finalize(pointer)
    }

    /// Runs a statement that returns no rows.
    func run(_ values: Value...) throws(StoreError) {
        try bind(values)
        defer { reset() }
        while try next() {}
    }

    /// Runs a query that returns at most one row.
    func first<Result>(
        _ values: Value..., read: (borrowing Statement) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        try bind(values)
        defer { reset() }
        return try next() ? try read(self) : nil
    }

    /// Runs a query and hands over its rows one by one.
    func forEach(
        _ values: Value..., do body: (borrowing Statement) throws(StoreError) -> Void
    ) throws(StoreError) {
        try bind(values)
        defer { reset() }
        while try next() { try body(self) }
    }

    /// Runs a query whose rows the body steps through itself.
    func walk<Result>(
        _ values: Value..., do body: (borrowing Statement) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try bind(values)
        defer { reset() }
        return try body(self)
    }

    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(pointer, column) }

    func bits(_ column: Int32) -> UInt64 { UInt64(bitPattern: integer(column)) }

    func text(_ column: Int32) -> String {
        String(decoding: blob(column), as: UTF8.self)
    }

    func blob(_ column: Int32) -> [UInt8] {
        // SAFETY: SQLite keeps the bytes until the next step or reset, and they are copied here.
        guard let bytes = unsafe sqlite3_column_blob(pointer, column) else { return [] }
        let count = unsafe Int(sqlite3_column_bytes(pointer, column))
        return unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
    }

    private func bind(_ values: [Value]) throws(StoreError) {
        for (offset, value) in values.enumerated() {
            let index = Int32(offset + 1)
            let code =
                switch value {
                case .null: unsafe sqlite3_bind_null(pointer, index)
                case .integer(let number): unsafe sqlite3_bind_int64(pointer, index, number)
                case .text(let text): unsafe cairn_bind_text_copy(pointer, index, text, UInt64(text.utf8.count))
                case .blob(let bytes) where bytes.isEmpty: unsafe sqlite3_bind_zeroblob(pointer, index, 0)
                case .blob(let bytes): unsafe cairn_bind_blob_copy(pointer, index, bytes, UInt64(bytes.count))
                }
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    /// Goes on to the next row; false if there is none.
    func next() throws(StoreError) -> Bool {
        switch unsafe sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    private func reset() {
        unsafe sqlite3_reset(pointer)
        unsafe sqlite3_clear_bindings(pointer)
    }

    private func error(_ code: Int32) -> StoreError {
        unsafe StoreError.from(database, code: code, sql: String(cString: sqlite3_sql(pointer)))
    }
}

extension StoreError {
    static func from(_ database: OpaquePointer?, code: Int32, sql: String) -> StoreError {
        // SAFETY: sqlite3_errmsg always returns a string, also for a database that could not be opened.
        let message = unsafe String(cString: sqlite3_errmsg(database))
        let extended = unsafe sqlite3_extended_errcode(database)
        return .sqlite(code: extended == SQLITE_OK ? code : extended, message: message, sql: sql)
    }
}
