/// The schema of `chain.db`, made to be read with the `sqlite3` shell.
///
/// The state is stored once, as the canonical bytes that the state root covers. What a person wants to see of it are
/// views that decode those bytes in SQL, so they cost nothing to keep and cannot disagree with the state.
enum ChainSchema {
    static let migrations = [
        Migration(name: "blocks and state", sql: [chain, block, receipt, state, pending]),
        Migration(name: "readable state", sql: views),
        Migration(name: "verdicts and rewards", sql: [verdict, verdictIndex] + verdictViews + rewardViews),
        Migration(name: "checks of pending changes cover the height", rewrite: coverHeights),
        Migration(name: "what is kept of the past", sql: [past]) { database throws(StoreError) in
            try database.writePastFromBlocks()
        },
    ]

    private static let coverHeights: @Sendable (Database) throws(StoreError) -> Void = { database throws(StoreError) in
        let check = RowCheck()
        var rows: [(height: UInt64, changes: [UInt8])] = []
        try database.prepare(#"SELECT height, changes, "check" FROM pending ORDER BY height"#)
            .forEach { row throws(StoreError) in
                let (height, changes) = (row.bits(0), row.blob(1))
                guard check.full(changes) == row.blob(2) else {
                    throw .damaged(row: "pending changes of block \(height)")
                }
                rows.append((height, changes))
            }
        let update = try database.prepare(#"UPDATE pending SET "check" = ? WHERE height = ?"#)
        for row in rows {
            try update.run(.blob(check.pending(row.changes, at: row.height)), .bits(row.height))
        }
    }

    private static let chain = """
        CREATE TABLE chain(
            id BLOB NOT NULL,        -- hash of the genesis
            "check" BLOB NOT NULL) STRICT
        """

    private static let block = """
        CREATE TABLE block(
            height INTEGER PRIMARY KEY,
            epoch INTEGER NOT NULL,
            view INTEGER NOT NULL,
            time INTEGER NOT NULL,       -- milliseconds since 1970, as the block says
            proposer BLOB NOT NULL,      -- account
            digest BLOB NOT NULL UNIQUE,
            parent BLOB NOT NULL,
            state_root BLOB NOT NULL,    -- after this block
            header BLOB NOT NULL,
            payload BLOB NOT NULL,
            certificate BLOB NOT NULL,   -- of finalization; empty where a later one covers this block
            "check" BLOB NOT NULL        -- BLAKE2b over all of the row
        ) STRICT
        """

    private static let past = """
        CREATE TABLE past(
            blocks INTEGER NOT NULL,       -- from this height on every block is here
            epoch_ends INTEGER NOT NULL,   -- before it, from this height on,
            epoch_blocks INTEGER NOT NULL, -- those whose height this divides; 0: none
            "check" BLOB NOT NULL
        ) STRICT
        """

    private static let receipt = """
        CREATE TABLE receipt(
            height INTEGER NOT NULL REFERENCES block(height) ON DELETE CASCADE,
            position INTEGER NOT NULL,   -- in the order of execution
            tx BLOB NOT NULL,
            outcome INTEGER NOT NULL,    -- 0 applied, else why not
            fee INTEGER NOT NULL,
            "check" INTEGER NOT NULL,
            PRIMARY KEY (height, position)
        ) STRICT, WITHOUT ROWID
        """

    private static let verdict = """
        CREATE TABLE verdict(
            height INTEGER NOT NULL REFERENCES block(height) ON DELETE CASCADE,
            position INTEGER NOT NULL,   -- in the order of the block
            challenged INTEGER NOT NULL, -- the height of the challenge
            resource BLOB,               -- NULL where nobody had the place it names
            "partition" INTEGER NOT NULL,
            kind INTEGER NOT NULL,       -- of challenge: 1 radio, 2 round trip, 3 sealed round, 4 hot round
            passed INTEGER NOT NULL,
            units INTEGER NOT NULL,
            witnesses INTEGER NOT NULL,
            reasons INTEGER NOT NULL,    -- bits; the view `reason` names them
            outcome INTEGER NOT NULL,    -- 0 adopted, else why not
            "check" INTEGER NOT NULL,
            PRIMARY KEY (height, position)
        ) STRICT, WITHOUT ROWID
        """

    private static let verdictIndex = "CREATE INDEX verdict_resource ON verdict(resource, height, position)"

    private static let state = """
        CREATE TABLE state(
            path BLOB PRIMARY KEY,       -- its place in the state tree: which table, then 31 bytes of the key's hash
            key BLOB NOT NULL,           -- one byte: which table; then the id
            value BLOB NOT NULL,
            "check" INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    private static let pending = """
        CREATE TABLE pending(
            height INTEGER PRIMARY KEY,  -- a block whose changes are not in `state` yet
            changes BLOB NOT NULL,
            "check" BLOB NOT NULL
        ) STRICT
        """
}
