/// The statements of the chain database, prepared once.
struct ChainStatements: ~Copyable {
    let insertBlock: Statement
    let insertReceipt: Statement
    let block: Statement
    let height: Statement
    let receipts: Statement

    static func prepare(in database: Database) throws(StoreError) -> ChainStatements {
        ChainStatements(
            insertBlock: try database.prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            insertReceipt: try database.prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?)"),
            block: try database.prepare(
                """
                SELECT epoch, view, time, proposer, digest, parent, state_root, header, payload, certificate, "check"
                FROM block WHERE height = ?
                """),
            height: try database.prepare("SELECT height FROM block WHERE digest = ?"),
            receipts: try database.prepare(
                #"SELECT position, tx, outcome, fee, "check" FROM receipt WHERE height = ? ORDER BY position"#))
    }
}
