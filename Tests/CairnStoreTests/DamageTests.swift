import CSQLite
import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import Glibc
import Testing

/// Bits that change on a disk are found, named and never handed out.
@Suite struct DamageTests {
    let directory: TestDirectory
    let chain: SampleChain

    init() throws {
        directory = try TestDirectory()
        chain = try SampleChain(blocks: 5)
        try chain.fill(directory)
    }

    @Test(arguments: [
        "payload = CAST(payload || x'00' AS BLOB)", "header = zeroblob(length(header))", "view = view + 1",
        "certificate = x'01'",
        "time = time + 1", "parent = digest",
    ])
    func aBlockIsNeverServedDamaged(change: String) throws {
        try directory.change("UPDATE block SET \(change) WHERE height = 3")
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.damaged(row: "block 3")) { try store.block(at: Height(3)) }
        #expect(try store.block(at: Height(2)) == chain.steps[1].block)
        #expect(try store.scrub() == ["block 3"])
    }

    @Test func aDamagedNewestBlockStopsTheStart() throws {
        try directory.change("UPDATE block SET payload = x'00' WHERE height = 5")
        #expect(throws: StoreError.damaged(row: "block 5")) { try ChainStore(directory: directory.path) }
    }

    @Test func aReceiptIsNeverServedDamaged() throws {
        try directory.change("UPDATE receipt SET outcome = 100 - outcome WHERE height = 2 AND position = 1")
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.damaged(row: "receipt 2.1")) { try store.receipts(at: Height(2)) }
        #expect(try store.scrub() == ["receipt 2.1"])
    }

    @Test func damagedStateStopsTheStart() throws {
        let key = RecordKey<Account>.account(AccountID(repeated(2))).key
        try directory.change(
            "UPDATE state SET value = CAST(x'ff' || substr(value, 2) AS BLOB) WHERE key = x'\(hex(key.bytes))'")
        #expect(throws: StoreError.damaged(row: "state \(key)")) { try ChainStore(directory: directory.path) }
    }

    /// A row put back as it was earlier has a right check of its own; the tree knows better.
    @Test func anOldRowIsFoundByTheTree() throws {
        let key = RecordKey<Account>.account(AccountID(repeated(2))).key
        try directory.change("DELETE FROM state WHERE key = x'\(hex(key.bytes))'")
        #expect(throws: StoreError.damaged(row: "state at height 5")) { try ChainStore(directory: directory.path) }
    }

    /// What changes on the disk while the node runs is found by the next look at it, and what it holds in memory by none.
    @Test func stateIsNeverReadDamaged() throws {
        let key = RecordKey<Account>.account(AccountID(repeated(2))).key
        var limits = Limits.Store()
        limits.stateCache = 0
        let store = try ChainStore(directory: directory.path, limits: limits)
        try directory.change(
            "UPDATE state SET value = CAST(x'ff' || substr(value, 2) AS BLOB) WHERE key = x'\(hex(key.bytes))'")
        #expect(throws: (any Error).self) { try store.state.value(for: key) }
        #expect(try store.scrub() == ["state \(key)"])
    }

    /// A bit in the middle of the write-ahead log hides the commits behind it without a word; the sign log tells.
    @Test func aLogThatHidesCommitsIsFoundByTheSignLog() throws {
        let copy = try TestDirectory()
        let store = try ChainStore(directory: try emptied().path)
        try chain.begin(store)
        for step in chain.steps { try store.commit(step.block, step.outcome) }
        let last = try #require(chain.steps.last).block
        let floor = SignFloor(epoch: last.epoch, view: last.view)
        #expect(try !floor.isAhead(of: store))
        #expect(try SignFloor(epoch: last.epoch, view: last.view.next).isAhead(of: store))
        for name in ["chain.db", "chain.db-wal"] {
            var bytes = try fileContents(directory.path + "/" + name)
            if name.hasSuffix("wal") { bytes[bytes.count * 3 / 4] ^= 1 }
            let file = try #require(unsafe fopen(copy.path + "/" + name, "wb"))
            unsafe fwrite(bytes, 1, bytes.count, file)
            unsafe fclose(file)
        }
        let damaged = try ChainStore(directory: copy.path)
        #expect(try #require(damaged.head).height < last.height)
        #expect(try damaged.scrub() == [])
        #expect(try floor.isAhead(of: damaged))
    }

    @Test func damagedPendingChangesStopTheStart() throws {
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        try chain.fill(try emptied(), limits)
        try directory.change("UPDATE pending SET changes = zeroblob(length(changes)) WHERE height = 4")
        #expect(throws: StoreError.damaged(row: "pending changes of block 4")) {
            try ChainStore(directory: directory.path)
        }
    }

    /// A scrub names what waits, and the store writes nothing more over it.
    @Test func aScrubFindsDamagedPendingChanges() throws {
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        let store = try ChainStore(directory: try emptied().path, limits: limits)
        try chain.begin(store)
        for step in chain.steps.dropLast() { try store.commit(step.block, step.outcome) }
        try directory.change("UPDATE pending SET height = 9 WHERE height = 2")
        #expect(try store.scrub() == ["pending changes of block 9"])
        let last = try #require(chain.steps.last)
        #expect(throws: StoreError.stopped) { try store.commit(last.block, last.outcome) }
    }

    /// What an earlier version wrote: the checks of pending changes did not cover their height.
    @Test func pendingChangesOfAnEarlierVersionAreTakenOver() throws {
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        try chain.fill(try emptied(), limits)
        try change([
            "DELETE FROM migration WHERE version > 3", "DROP TABLE past", "PRAGMA user_version = 3",
        ])
        for height in 1...5 { try rewriteCheck(height) }
        let store = try ChainStore(directory: directory.path, limits: limits)
        #expect(store.head == chain.steps.last?.head)
        #expect(try store.scrub() == [])
    }

    @Test func aFileWithOtherTablesIsRefusedByName() throws {
        try change(["DROP TABLE pending", "CREATE TABLE pending(height INTEGER PRIMARY KEY)"])
        let path = directory.path + "/chain.db"
        #expect(throws: StoreError.otherTables(path: path, table: "pending")) {
            try ChainStore(directory: directory.path)
        }
        try change(["DROP TABLE pending"])
        #expect(throws: StoreError.otherTables(path: path, table: "a missing one")) {
            try ChainStore(directory: directory.path)
        }
    }

    /// Views hold nothing: whatever they were, they become what this version makes of the state.
    @Test func viewsAreMadeAnew() throws {
        try change(["DROP VIEW supply", "CREATE VIEW old AS SELECT 1"])
        _ = try ChainStore(directory: directory.path)
        try change(["SELECT * FROM supply"])
    }

    /// Puts the check of pending changes back to what it was when it did not cover the height.
    private func rewriteCheck(_ height: Int) throws {
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        defer { unsafe sqlite3_close(database) }
        var statement: OpaquePointer?
        let sql = "SELECT changes FROM pending WHERE height = \(height)"
        try #require(unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
        defer { unsafe sqlite3_finalize(statement) }
        try #require(unsafe sqlite3_step(statement) == SQLITE_ROW)
        let bytes = unsafe UnsafeRawBufferPointer(
            start: sqlite3_column_blob(statement, 0), count: Int(sqlite3_column_bytes(statement, 0)))
        let check = unsafe Blake2b().digest(DomainTag("cn/row"), Array(bytes)).raw.bytes
        unsafe sqlite3_reset(statement)
        try change(["UPDATE pending SET \"check\" = x'\(hex(check))' WHERE height = \(height)"])
    }

    private func change(_ statements: [String]) throws {
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        defer { unsafe sqlite3_close(database) }
        for sql in statements { try #require(unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, "\(sql)") }
    }

    private func emptied() throws -> TestDirectory {
        for suffix in ["", "-wal", "-shm"] { unlink(directory.path + "/chain.db" + suffix) }
        return directory
    }

    @Test(arguments: [
        ("PRAGMA application_id = 7", StoreError.foreign(path: "", applicationID: 7)),
        ("PRAGMA user_version = 99", StoreError.newer(path: "", version: 99, known: 5)),
    ])
    func otherDatabasesAreLeftAlone(pragma: String, expected: StoreError) throws {
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        unsafe sqlite3_exec(database, pragma, nil, nil, nil)
        unsafe sqlite3_close(database)
        let error = #expect(throws: StoreError.self) { try ChainStore(directory: directory.path) }
        switch (try #require(error), expected) {
        case (.foreign(_, let found), .foreign(_, let wanted)): #expect(found == wanted)
        case (.newer(_, let found, let known), .newer(_, let wanted, let latest)):
            #expect(found == wanted && known == latest)
        default: Issue.record("\(String(describing: error))")
        }
    }
}
