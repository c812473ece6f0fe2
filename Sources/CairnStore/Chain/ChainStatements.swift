/// The statements of the chain database, prepared once.
struct ChainStatements: ~Copyable {
    let insertBlock: Statement
    let replaceBlock: Statement
    let insertReceipt: Statement
    let insertVerdict: Statement
    let chain: Statement
    let newest: Statement
    let block: Statement
    let height: Statement
    let receipts: Statement
    /// Of one resource, newest first.
    let verdicts: Statement
    let newestVerdicts: Statement
    let blockVerdicts: Statement

    private static let verdictColumns = """
        height, position, challenged, resource, "partition", kind, passed, units, witnesses, reasons, outcome, "check"
        """

    static func prepare(in database: Database) throws(StoreError) -> ChainStatements {
        ChainStatements(
            insertBlock: try database.prepare("INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            replaceBlock: try database.prepare(
                """
                INSERT INTO block VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(height) DO UPDATE SET
                epoch = excluded.epoch, view = excluded.view, time = excluded.time, proposer = excluded.proposer,
                digest = excluded.digest, parent = excluded.parent, state_root = excluded.state_root,
                header = excluded.header, payload = excluded.payload, certificate = excluded.certificate,
                "check" = excluded."check"
                """),
            insertReceipt: try database.prepare("INSERT INTO receipt VALUES (?, ?, ?, ?, ?, ?)"),
            insertVerdict: try database.prepare(
                "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
            chain: try database.prepare(#"SELECT id, "check" FROM chain"#),
            newest: try database.prepare("SELECT height, state_root FROM block ORDER BY height DESC LIMIT 1"),
            block: try database.prepare(
                """
                SELECT epoch, view, time, proposer, digest, parent, state_root, header, payload, certificate, "check"
                FROM block WHERE height = ?
                """),
            height: try database.prepare("SELECT height FROM block WHERE digest = ?"),
            receipts: try database.prepare(
                #"SELECT position, tx, outcome, fee, "check" FROM receipt WHERE height = ? ORDER BY position"#),
            verdicts: try database.prepare(
                """
                SELECT \(verdictColumns) FROM verdict WHERE resource = ?
                ORDER BY height DESC, position DESC LIMIT ? OFFSET ?
                """),
            newestVerdicts: try database.prepare(
                "SELECT \(verdictColumns) FROM verdict ORDER BY height DESC, position DESC LIMIT ? OFFSET ?"),
            blockVerdicts: try database.prepare(
                "SELECT \(verdictColumns) FROM verdict WHERE height = ? ORDER BY position"))
    }
}
