import CSQLite
import CairnBase
import CairnLedger
import CairnStore
import Testing

/// Rows that are gone are found, named and never answered as if they had not been there; what was pruned is no damage.
@Suite struct AbsenceTests {
    private let directory: TestDirectory
    private let chain: SampleChain

    init() throws {
        directory = try TestDirectory()
        chain = try SampleChain(blocks: 5)
        try chain.fill(directory)
    }

    @Test(arguments: [0, 1, 3, 4] as [UInt64]) func aBlockThatIsGoneIsNamed(number: UInt64) throws {
        try directory.change("DELETE FROM block WHERE height = \(number)")
        let (height, missing) = (Height(number), StoreError.damaged(row: "block \(number) is missing"))
        let store = try ChainStore(directory: directory.path)
        #expect(throws: missing) { try store.block(at: height) }
        #expect(throws: missing) { try store.root(at: height) }
        #expect(try store.scrub() == ["block \(number) is missing"])
        let reader = try ChainReader(directory: directory.path)
        #expect(throws: missing) { try reader.block(at: height) }
        #expect(throws: missing) { try reader.root(at: height) }
        #expect(try store.block(at: Height(6)) == nil && reader.block(at: Height(6)) == nil)
    }

    /// Also of the newest one, while the node runs; at a start the state does not fit the one before it.
    @Test func theNewestBlockIsMissed() throws {
        do {
            let store = try ChainStore(directory: directory.path)
            try directory.change("DELETE FROM block WHERE height = 5")
            #expect(throws: StoreError.damaged(row: "block 5 is missing")) { try store.block(at: Height(5)) }
            #expect(try store.scrub() == ["block 5 is missing"])
        }
        #expect(throws: StoreError.damaged(row: "state at height 4")) {
            try ChainReader(directory: directory.path).entries(of: nil)
        }
        #expect(throws: StoreError.damaged(row: "state at height 4")) { try ChainStore(directory: directory.path) }
    }

    @Test func rowsAmongOthersAreMissed() throws {
        try directory.change("DELETE FROM receipt WHERE height = 2 AND position = 1")
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.damaged(row: "receipt 2.1 is missing")) { try store.receipts(at: Height(2)) }
        #expect(try store.scrub() == ["receipt 2.1 is missing"])
    }

    @Test(arguments: [
        ("DELETE FROM chain", "chain is missing"), ("DELETE FROM past", "past is missing"),
        ("UPDATE past SET blocks = 4", "past"),
    ])
    func whatNamesTheChainIsMissed(sql: String, row: String) throws {
        try directory.change(sql)
        #expect(throws: StoreError.damaged(row: row)) { try ChainStore(directory: directory.path) }
    }

    /// A proof that a block is final stands in its row, so taking it away shows.
    @Test func aFinalizationThatIsGoneIsNamed() throws {
        try directory.change("UPDATE block SET certificate = x'' WHERE height = 3")
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.damaged(row: "block 3")) { try store.block(at: Height(3)) }
        #expect(try store.scrub() == ["block 3"])
    }

    /// A reader has no tree; before it says that something is not there, it looks at the root of all that is.
    @Test func anEntryThatIsGoneIsNotUnknown() throws {
        let key = RecordKey<Account>.account(AccountID(repeated(2))).key
        let nobody = RecordKey<Account>.account(AccountID(repeated(250))).key
        #expect(try ChainReader(directory: directory.path).value(for: nobody) == nil)
        var limits = Limits.Store()
        limits.stateCache = 0
        let store = try ChainStore(directory: directory.path, limits: limits)
        try directory.change("DELETE FROM state WHERE key = x'\(hex(key.bytes))'")
        #expect(throws: (any Error).self) { try store.state.value(for: key) }
        let findings = try store.scrub()
        let count = try #require(chain.steps.last).state.entries.count
        #expect(findings.count == 2 && findings[0].hasPrefix("state below /"))
        #expect(findings.last == "state: \(count - 1) entries where there should be \(count)")
        let reader = try ChainReader(directory: directory.path)
        let other = RecordKey<Account>.account(AccountID(repeated(3))).key
        #expect(try reader.value(for: other) != nil)
        for wanted in [key, nobody] { #expect(throws: (any Error).self) { try reader.value(for: wanted) } }
        #expect(throws: StoreError.damaged(row: "state at height 5")) { try reader.entries(of: nil) }
        #expect(throws: StoreError.damaged(row: "state at height 5")) {
            try reader.exportSnapshot(to: directory.path + "/snapshot")
        }
    }

    @Test(arguments: [1, 3, 5] as [UInt64]) func pendingChangesThatAreGoneAreNamed(height: UInt64) throws {
        let directory = try TestDirectory()
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        try chain.fill(directory, limits)
        #expect(
            try ChainReader(directory: directory.path).entries(of: nil) == chain.steps.last?.state.entries.map(\.self))
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        try #require(
            unsafe sqlite3_exec(database, "DELETE FROM pending WHERE height = \(height)", nil, nil, nil) == SQLITE_OK)
        unsafe sqlite3_close(database)
        let error = #expect(throws: StoreError.self) { try ChainStore(directory: directory.path) }
        let expected = height == 1 ? "state at height 5" : "pending changes of block \(height) are missing"
        #expect(error == .damaged(row: expected))
    }

    /// What the policy takes away is not missed, what it leaves is.
    @Test func whatWasPrunedIsNoDamage() throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 40)
        let store = try ChainStore(
            directory: directory.path, retention: Retention(receipts: 5, blocks: 10, epochBlocks: 6))
        try chain.begin(store)
        for step in chain.steps { try store.commit(step.block, step.outcome) }
        #expect(try store.block(at: Height(29)) == nil)
        #expect(try store.block(at: Height(30)) == chain.steps[29].block)
        #expect(try store.scrub() == [])
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        try #require(
            unsafe sqlite3_exec(database, "DELETE FROM block WHERE height IN (12, 31)", nil, nil, nil) == SQLITE_OK)
        unsafe sqlite3_close(database)
        let names = ["block 12 is missing", "block 31 is missing"]
        #expect(try store.scrub() == names)
    }

    /// An earlier version did not write down what it kept: where the gap before the newest blocks ends, the past begins.
    @Test(arguments: [(0, 1), (3, 4)] as [(UInt64, Int64)]) func anOlderDatabaseSaysWhatItHas(
        gone: UInt64, first: Int64
    ) throws {
        try directory.change("DELETE FROM block WHERE height = \(gone) AND height > 0", rows: gone == 0 ? 0 : 1)
        try directory.change("DELETE FROM migration WHERE version > 4")
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        try #require(
            unsafe sqlite3_exec(database, "DROP TABLE past; PRAGMA user_version = 4", nil, nil, nil) == SQLITE_OK)
        unsafe sqlite3_close(database)
        #expect(try ChainStore(directory: directory.path).scrub() == [])
        try directory.change("UPDATE past SET blocks = \(first)")
        #expect(try ChainStore(directory: directory.path).scrub() == [])
    }
}
