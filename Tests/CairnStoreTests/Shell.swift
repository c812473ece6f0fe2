import CSQLite
import Glibc
import Testing

/// What the `sqlite3` shell would print.
func query(_ path: String, _ sql: String) throws -> [[String]] {
    var database: OpaquePointer?
    try #require(unsafe sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
    defer { unsafe sqlite3_close(database) }
    var statement: OpaquePointer?
    try #require(unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, "\(sql)")
    defer { unsafe sqlite3_finalize(statement) }
    var rows: [[String]] = []
    while unsafe sqlite3_step(statement) == SQLITE_ROW {
        rows.append(
            (0..<(unsafe sqlite3_column_count(statement))).map { column in
                unsafe sqlite3_column_text(statement, column).map { unsafe String(cString: $0) } ?? ""
            })
    }
    return rows
}

extension TestDirectory {
    /// Changes the chain's rows behind the store's back; what hangs on them stays, as it does when a page is lost.
    func change(_ sql: String, rows: Int32 = 1) throws {
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(path + "/chain.db", &database) == SQLITE_OK)
        defer { unsafe sqlite3_close(database) }
        try #require(unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
        try #require(unsafe sqlite3_changes(database) == rows)
    }
}

/// A page of this repository.
func page(_ name: String) throws -> String {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let file = try #require(unsafe fopen(root + "/" + name, "r"))
    defer { unsafe fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = unsafe fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
}
