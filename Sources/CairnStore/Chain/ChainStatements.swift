/// The statements of the chain database, prepared once.
struct ChainStatements: ~Copyable {
    let insertBlock: Statement
    let insertReceipt: Statement
    let putState: Statement
    let removeState: Statement
    let putPage: Statement
    let removePage: Statement
    let block: Statement
    let height: Statement
    let receipts: Statement
    let state: Statement
    let page: Statement

    static func prepare(in database: Database) throws(StoreError) -> ChainStatements {
        ChainStatements(
            insertBlock: try database.prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            insertReceipt: try database.prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?)"),
            putState: try database.prepare(
                """
                INSERT INTO state VALUES (?, ?, ?)
                ON CONFLICT(key) DO UPDATE SET value = excluded.value, "check" = excluded."check"
                """),
            removeState: try database.prepare("DELETE FROM state WHERE key = ?"),
            putPage: try database.prepare(
                """
                INSERT INTO tree_page(path, page, "check") VALUES (?, ?, ?)
                ON CONFLICT(path) DO UPDATE SET page = excluded.page, "check" = excluded."check"
                """),
            removePage: try database.prepare("DELETE FROM tree_page WHERE path = ?"),
            block: try database.prepare(
                """
                SELECT epoch, view, time, proposer, digest, parent, state_root, header, payload, certificate, "check"
                FROM block WHERE height = ?
                """),
            height: try database.prepare("SELECT height FROM block WHERE digest = ?"),
            receipts: try database.prepare(
                #"SELECT position, tx, outcome, fee, "check" FROM receipt WHERE height = ? ORDER BY position"#),
            state: try database.prepare(#"SELECT value, "check" FROM state WHERE key = ?"#),
            page: try database.prepare(#"SELECT page, "check" FROM tree_page WHERE path = ?"#))
    }
}
