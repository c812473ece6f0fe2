import CSQLite
import CairnBase
import CairnLedger
import Testing

@testable import CairnStore

/// A database that is looked over a little at a time, and blocks that are put back.
@Suite struct ScrubStepTests {
    private let directory: TestDirectory
    private let chain: SampleChain
    private let store: ChainStore
    private var few: Limits.Scrub {
        var limits = Limits.Scrub()
        limits.rows = 1
        return limits
    }

    init() throws {
        directory = try TestDirectory()
        chain = try SampleChain(blocks: 8)
        try chain.fill(directory)
        var limits = Limits.Store()
        limits.stateCache = 0
        store = try ChainStore(directory: directory.path, limits: limits)
    }

    /// One pass from the start, and how many steps it took.
    private func pass(_ limits: Limits.Scrub, on store: ChainStore) throws -> (
        rows: Int, damage: [RowDamage], steps: Int
    ) {
        var (place, rows, damage, steps) = (ChainScrubPlace.start, 0, [RowDamage](), 0)
        while true {
            let step = try store.scrub(from: place, limits)
            (place, rows, steps) = (step.next, rows + step.rows, steps + 1)
            damage += step.damage
            try #require(steps < 10_000)
            if step.isLast { break }
        }
        #expect(place == .start)
        return (rows, damage, steps)
    }

    private func wanted(_ height: UInt64) -> WantedBlock {
        WantedBlock(height: Height(height), digest: chain.steps[Int(height) - 1].block.digest)
    }

    @Test func everyRowIsLookedAtWhateverTheStep() throws {
        let all = try pass(Limits.Scrub(), on: store)
        let entries = try #require(chain.steps.last).state.entries.count
        #expect(all.damage.isEmpty && all.rows == 9 + 8 * 3 + entries)
        let slow = try pass(few, on: store)
        #expect(slow.rows == all.rows && slow.damage.isEmpty && slow.steps > 9)
        var bytes = Limits.Scrub()
        bytes.bytes = 1
        #expect(try pass(bytes, on: store).rows == all.rows)
    }

    @Test func damageIsNamedWithWhatIsWanted() throws {
        let key = RecordKey<Account>.account(AccountID(repeated(2))).key
        try directory.change("UPDATE block SET payload = x'00' WHERE height = 3")
        try directory.change("DELETE FROM block WHERE height = 5")
        try directory.change("UPDATE receipt SET fee = fee + 1 WHERE height = 6 AND position = 1")
        try directory.change(
            "UPDATE state SET value = CAST(x'ff' || substr(value, 2) AS BLOB) WHERE key = x'\(hex(key.bytes))'")
        let expected = [
            RowDamage(row: "block 3", block: wanted(3)), RowDamage(row: "block 5 is missing", block: wanted(5)),
            RowDamage(row: "receipt 6.1"), RowDamage(row: "state \(key)"),
        ]
        for limits in [few, Limits.Scrub()] { #expect(try pass(limits, on: store).damage == expected) }
    }

    /// Also on a busy chain, where the table is behind: what waits is no damage, what the table has is looked at.
    @Test func whatIsPendingIsNoDamage() throws {
        let directory = try TestDirectory()
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        limits.stateCache = 0
        let store = try ChainStore(directory: directory.path, limits: limits)
        try chain.begin(store)
        for step in chain.steps {
            try store.commit(step.block, step.outcome)
            #expect(try pass(few, on: store).damage.isEmpty)
        }
    }

    /// A block that somebody came across is named by the next step, wherever that is.
    @Test func whatAReaderMetIsNamedNext() throws {
        try directory.change("DELETE FROM block WHERE height = 2")
        #expect(throws: StoreError.self) { try store.block(at: Height(2)) }
        let step = try store.scrub(from: .state(.zero), few)
        #expect(step.damage == [RowDamage(row: "block 2 is missing", block: wanted(2))])
        #expect(try store.scrub(from: step.next, few).damage.isEmpty)
    }

    /// Millions of heights that were pruned are no work.
    @Test func prunedHeightsAreSkipped() {
        let past = Past(blocks: 1_000_003, epochEnds: 600, epochBlocks: 600)
        #expect(past.next(from: 0) == 0 && past.next(from: 1) == 600 && past.next(from: 600) == 600)
        #expect(past.next(from: 601) == 1_200 && past.next(from: 999_601) == 1_000_003)
        #expect(Past(blocks: 77, epochEnds: 77, epochBlocks: 0).next(from: 1) == 77)
    }

    /// What a peer sends is the block without what only this node knew of it.
    private func sent(_ height: Int) -> StoredBlock {
        var block = chain.steps[height - 1].block
        (block.certificate, block.proposer) = ([], AccountID(repeated(77)))
        return block
    }

    @Test(arguments: ["payload = x'00'", "header = x'', time = 9", "digest = zeroblob(32), parent = zeroblob(32)"])
    func aRowBecomesWhatItWas(change sql: String) throws {
        try directory.change("UPDATE block SET \(sql) WHERE height = 4")
        #expect(throws: StoreError.self) { try store.block(at: Height(4)) }
        #expect(try store.repair(sent(4)) == .restored)
        #expect(try store.block(at: Height(4)) == chain.steps[3].block)
        #expect(try store.root(at: Height(4)) == chain.steps[3].outcome.root)
        #expect(try store.receipts(at: Height(4)) == chain.steps[3].outcome.receipts)
        #expect(try store.scrub() == [])
        #expect(try store.repair(sent(4)) == .notWanted)
    }

    /// The certificate, the root or the row itself is lost: the block is served again, and says nothing that is not known.
    @Test(arguments: [
        "UPDATE block SET certificate = x'07' WHERE height = 4",
        "UPDATE block SET state_root = zeroblob(32) WHERE height = 4",
        "DELETE FROM block WHERE height = 4",
    ])
    func aBlockIsReplaced(sql: String) throws {
        try directory.change(sql)
        #expect(try store.repair(sent(4)) == .replaced)
        #expect(try store.block(at: Height(4)) == sent(4))
        #expect(try store.root(at: Height(4)) == nil)
        #expect(try store.receipts(at: Height(4)) == chain.steps[3].outcome.receipts)
        #expect(try store.scrub() == [])
    }

    /// Only the block that the one above names, only where the row is damaged, and of two from the top down.
    @Test func nothingElseIsTaken() throws {
        var other = sent(4)
        other.digest = chain.steps[4].block.digest
        try directory.change("DELETE FROM block WHERE height IN (3, 4)", rows: 2)
        #expect(try store.repair(other) == .notWanted)
        #expect(try store.repair(sent(5)) == .notWanted)
        #expect(try store.repair(sent(3)) == .notWanted)
        #expect(try pass(few, on: store).damage.map(\.block) == [nil, wanted(4)])
        #expect(try store.repair(sent(4)) == .replaced)
        // The one below is named at once, now that it is known what it was.
        #expect(try store.scrub(from: .state(.zero), few).damage.map(\.block) == [wanted(3)])
        #expect(try store.repair(sent(3)) == .replaced)
        #expect(try store.scrub() == [])
    }

    /// The last block of an epoch carries what leads others into the next, and that comes from nobody unproven.
    @Test func theEndOfAnEpochNeedsItsProof() throws {
        let directory = try TestDirectory()
        let chain = try SampleChain(blocks: 31)
        let store = try ChainStore(directory: directory.path)
        try chain.begin(store)
        for step in chain.steps { try store.commit(step.block, step.outcome) }
        var sent = chain.steps[29].block
        sent.certificate = []
        func damage(_ sql: String) throws {
            var database: OpaquePointer?
            try #require(unsafe sqlite3_open(directory.path + "/chain.db", &database) == SQLITE_OK)
            defer { unsafe sqlite3_close(database) }
            try #require(unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
        }
        try damage("UPDATE block SET payload = x'00' WHERE height = 30")
        #expect(try store.repair(sent) == .restored)
        #expect(try store.block(at: Height(30)) == chain.steps[29].block)
        try damage("UPDATE block SET certificate = x'00' WHERE height = 30")
        #expect(try store.repair(sent) == .notPossible)
        #expect(throws: StoreError.damaged(row: "block 30")) { try store.block(at: Height(30)) }
    }

    @Test func aFullDiskTakesNoRepair() throws {
        try directory.change("DELETE FROM block WHERE height = 4")
        let ceiling = directory.path + "/ceiling"
        let file = try DiskFile.create(ceiling)
        try file.append(Array("1".utf8))
        let copy = try TestDirectory()
        _ = try Backup.make(of: directory.path, into: copy.path + "/copy")
        let full = try ChainStore(directory: copy.path + "/copy", space: DiskSpace(ceiling: ceiling))
        #expect(try full.repair(sent(4)) == .notPossible)
        #expect(throws: StoreError.self) { try full.block(at: Height(4)) }
    }
}
