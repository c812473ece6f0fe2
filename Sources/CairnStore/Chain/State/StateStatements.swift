/// The statements of the state's tables, prepared once.
struct StateStatements: ~Copyable {
    let put: Statement
    let remove: Statement
    let range: Statement
    let all: Statement
    let insertPending: Statement
    let pending: Statement
    let clearPending: Statement

    static func prepare(in database: Database) throws(StoreError) -> StateStatements {
        StateStatements(
            put: try database.prepare(
                """
                INSERT INTO state VALUES (?, ?, ?, ?)
                ON CONFLICT(path) DO UPDATE SET value = excluded.value, "check" = excluded."check"
                """),
            remove: try database.prepare("DELETE FROM state WHERE path = ?"),
            range: try database.prepare(
                #"SELECT path, key, value, "check" FROM state WHERE path BETWEEN ? AND ? ORDER BY path"#),
            all: try database.prepare(#"SELECT path, key, value, "check" FROM state ORDER BY path"#),
            insertPending: try database.prepare("INSERT INTO pending VALUES (?, ?, ?)"),
            pending: try database.prepare(#"SELECT height, changes, "check" FROM pending ORDER BY height"#),
            clearPending: try database.prepare("DELETE FROM pending"))
    }
}
