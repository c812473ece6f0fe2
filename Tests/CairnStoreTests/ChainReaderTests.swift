import CSQLite
import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Testing

/// What is read beside a node that goes on writing.
@Suite struct ChainReaderTests {
    /// With few changes at once everything waits in `pending`; with many, nothing does.
    @Test(arguments: [0, 1000])
    func saysWhatTheNewestBlockLeft(changesAtOnce: Int) throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 30)
        var limits = Limits.Store()
        limits.changesAtOnce = changesAtOnce
        let store = try ChainStore(directory: directory.path, limits: limits)
        try chain.begin(store)
        for step in chain.steps.dropLast() { try store.commit(step.block, step.outcome) }
        let last = try #require(chain.steps.last), before = chain.steps[chain.steps.count - 2]
        let reader = try ChainReader(directory: directory.path)
        // What the node does after this is not seen.
        try store.commit(last.block, last.outcome)
        #expect(reader.head == before.head && reader.chain == chain.ledger.chain)
        #expect(try reader.entries(of: nil) == before.state.entries)
        for entry in before.state.entries { #expect(try reader.value(for: entry.key) == entry.value) }
        let accounts = before.state.entries.filter { $0.key.table == .account }
        #expect(try reader.entries(of: .account) == accounts && accounts.count > 10)
        #expect(try reader.value(for: RecordKey<Account>.account(AccountID(repeated(250))).key) == nil)
        #expect(try reader.block(at: before.block.height) == before.block)
        #expect(try reader.block(at: last.block.height) == nil)
        #expect(try reader.root(at: before.block.height) == before.outcome.root)
        let receipt = try #require(before.outcome.receipts.first)
        #expect(try reader.height(ofTransaction: receipt.transaction) == before.block.height)
        #expect(try reader.receipts(at: before.block.height) == before.outcome.receipts)
        #expect(try ChainReader(directory: directory.path).head == last.head)
    }

    @Test func damageIsNamed() throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 3)
        try chain.fill(directory)
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        unsafe sqlite3_exec(database, "UPDATE state SET value = zeroblob(16) WHERE path < x'04'", nil, nil, nil)
        unsafe sqlite3_close(database)
        let reader = try ChainReader(directory: directory.path)
        #expect(throws: StoreError.self) { try reader.entries(of: nil) }
        let key = RecordKey<Parameters>.parameters.key
        #expect(throws: StateError.damaged(key)) { try reader.value(for: key) }
    }

    @Test func onlyAChainIsRead() throws {
        let directory = try TestDirectory()
        #expect(throws: StoreError.self) { try ChainReader(directory: directory.path) }
        _ = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.damaged(row: "a chain without a beginning")) {
            try ChainReader(directory: directory.path)
        }
        var database: OpaquePointer?
        try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
        unsafe sqlite3_exec(database, "PRAGMA user_version = 1", nil, nil, nil)
        unsafe sqlite3_close(database)
        let error = #expect(throws: StoreError.self) { try ChainReader(directory: directory.path) }
        #expect("\(try #require(error))".contains("the node brings it up to date"))
    }
}
