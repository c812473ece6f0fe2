import CFaults
import CSQLite
import CairnBase
import CairnLedger
import CairnWire
import Glibc
import Testing

@testable import CairnStore

extension CrashTests {
    /// The disk goes at every write and every sync of an import: the home has no chain or the whole one, and nothing else.
    @Test func anImportThatFailsAnywhereLeavesAllOrNothing() throws {
        let snapshot = try SampleSnapshot(of: chain)
        let whole = try TestDirectory()
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
        _ = try snapshot.importing(into: whole, system: "cairn-faults")
        let operations = cairn_faults_count()
        try #require(operations > 20)
        for index in 1...operations {
            let home = try TestDirectory()
            cairn_faults_arm(CAIRN_FAULT_GONE, index)
            let head = try? snapshot.importing(into: home, system: "cairn-faults")
            cairn_faults_arm(CAIRN_FAULT_NONE, 0)
            try #require((head != nil) == DiskFile.exists(home.path + "/chain.db"), "index \(index)")
            try #require(!DiskFile.exists(home.path + "/chain.import"), "index \(index)")
            if head == nil { _ = try snapshot.importing(into: home) }
            try snapshot.check(home, "index \(index)")
        }
    }

    /// A real process, killed for real while it imports; what it leaves behind is gone at the next start.
    @Test func killedImportsLeaveAllOrNothing() async throws {
        let snapshot = try SampleSnapshot(of: chain)
        let whole = try TestDirectory()
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
        _ = try snapshot.importing(into: whole, system: "cairn-faults")
        let operations = cairn_faults_count()
        for part in 1...(Self.isLong ? 40 : 4) {
            let home = try TestDirectory()
            let index = 1 + (operations - 1) * Int64(part) / (Self.isLong ? 41 : 5)
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = home.path as String, file = snapshot.path as String, index = index as Int64] in
                let chain = try SampleChain(blocks: 4)
                try #require(cairn_faults_register() == 0)
                cairn_faults_arm(CAIRN_FAULT_KILL, index)
                _ = try SampleSnapshot(chain, at: file).importing(into: path, system: "cairn-faults")
            }
            try #require(!DiskFile.exists(home.path + "/chain.db"), "killed at \(index)")
            try #require(DiskFile.exists(home.path + "/chain.import"), "killed at \(index)")
            try chain.begin(ChainStore(directory: home.path))
            #expect(!DiskFile.exists(home.path + "/chain.import"), "killed at \(index)")
        }
    }
}

@Suite struct ImportTests {
    private let home: TestDirectory
    private let snapshot: SampleSnapshot
    private let database: String

    init() throws {
        home = try TestDirectory()
        snapshot = try SampleSnapshot(of: SampleChain(blocks: 4))
        database = home.path + "/chain.db"
    }

    private func isEmpty() -> Bool { DiskFile.names(in: home.path).filter { $0 != "chain.lock" }.isEmpty }

    /// It is refused before anything is written, and when the room goes while it is being written.
    @Test func theReserveOfTheDiskIsLeft() throws {
        var limits = Limits.Store()
        limits.diskReserve = .max / 2
        let error = #expect(throws: StoreError.self) { try snapshot.importing(into: home, limits: limits) }
        guard case .diskFull(_, let need)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(need > .max / 2)
        #expect(isEmpty())

        let ceiling = home.path + "/ceiling"
        try write("1000000000000", to: ceiling)
        limits.diskReserve = 1 << 20
        let late = #expect(throws: StoreError.self) {
            try snapshot.importing(into: home, limits: limits, space: DiskSpace(ceiling: ceiling)) { done, _ in
                if done == 1 { try? write("1", to: ceiling) }
            }
        }
        #expect(late == .diskFull(free: 0, need: 1 << 20 + 2 * UInt64(SnapshotHeader.chunkBytesMax)))
        unlink(ceiling)
        #expect(isEmpty())
        _ = try snapshot.importing(into: home, limits: limits)
        try snapshot.check(home)
    }

    /// While somebody reads the file its log cannot be emptied, and without its log it is not the chain.
    @Test func whatIsStillInTheLogIsNotMoved() throws {
        var reader: OpaquePointer?
        defer { unsafe sqlite3_close(reader) }
        let place = home.path + "/chain.import/chain.db"
        let error = #expect(throws: StoreError.self) {
            try snapshot.importing(into: home) { done, _ in
                guard done == 1 else { return }
                unsafe sqlite3_open(place, &reader)
                unsafe sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM state", nil, nil, nil)
            }
        }
        guard case .checkpoint(place, busy: true, _)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(isEmpty())
    }

    /// Somebody moved a database away and left its log: SQLite would take it for the log of the next one.
    @Test func aLogWithoutItsDatabaseIsNotTakenForTheNewOne() throws {
        let other = try TestDirectory()
        let chain = try SampleChain(blocks: 9, seed: 7)
        let store = try ChainStore(directory: other.path)
        try chain.begin(store)
        for step in chain.steps { try store.commit(step.block, step.outcome) }
        let log = try fileContents(other.path + "/chain.db-wal")
        try #require(log.count > 32)
        try write(log, to: database + "-wal")
        _ = try snapshot.importing(into: home)
        try snapshot.check(home)
    }

    /// A kill between the last sync and the rename leaves the whole database beside its place; one after it leaves the file
    /// that it was made of.
    @Test func leftoversAreGoneAtTheNextStart() throws {
        let whole = try TestDirectory()
        _ = try snapshot.importing(into: whole)
        try DiskFile.makeDirectory(home.path + "/chain.import")
        try write(fileContents(whole.path + "/chain.db"), to: home.path + "/chain.import/chain.db")
        try write("half a snapshot", to: home.path + "/snapshot.part")
        let store = try ChainStore(directory: home.path)
        #expect(store.head == nil)
        #expect(!DiskFile.exists(home.path + "/chain.import"))
        #expect(!DiskFile.exists(home.path + "/snapshot.part"))
    }

    /// A backup is put back within the same bounds.
    @Test func aBackupLeavesTheReserveToo() throws {
        let source = try TestDirectory()
        try snapshot.chain.fill(source)
        let copy = source.path + "/copy"
        let backup = try Backup.make(of: source.path, into: copy)
        var limits = Limits.Store()
        limits.diskReserve = .max / 2
        let error = #expect(throws: StoreError.self) {
            try Backup.restore(copy, into: home.path, limits: limits)
        }
        guard case .diskFull(_, need: .max / 2 + backup.bytes)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(isEmpty())
        #expect(try Backup.restore(copy, into: home.path) == backup)
    }

    private func write(_ text: String, to path: String) throws { try write(Array(text.utf8), to: path) }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try #require(unsafe fopen(path, "wb"))
        defer { unsafe fclose(file) }
        try #require(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}

/// A snapshot of a sample chain, and what a home made of it must be.
private struct SampleSnapshot {
    let chain: SampleChain
    let path: String
    /// Where the file lies, if it was made here.
    private let source: TestDirectory?

    init(of chain: SampleChain) throws {
        let source = try TestDirectory()
        try chain.fill(source)
        path = source.path + "/snapshot"
        _ = try ChainReader(directory: source.path).exportSnapshot(to: path)
        self.source = source
        self.chain = chain
    }

    init(_ chain: SampleChain, at path: String) throws {
        (self.chain, self.path, source) = (chain, path, nil)
    }

    @discardableResult func importing(
        into home: TestDirectory, limits: Limits.Store = Limits.Store(), space: DiskSpace = DiskSpace(),
        system: String? = nil, progress: (UInt32, UInt32) -> Void = { _, _ in }
    ) throws -> ChainHead {
        try importing(into: home.path, limits: limits, space: space, system: system, progress: progress)
    }

    @discardableResult func importing(
        into home: String, limits: Limits.Store = Limits.Store(), space: DiskSpace = DiskSpace(),
        system: String? = nil, progress: (UInt32, UInt32) -> Void = { _, _ in }
    ) throws -> ChainHead {
        let beginning = SnapshotImport.Beginning(
            chain: chain.ledger.chain, genesis: chain.genesis.encoded, time: chain.genesis.time,
            root: chain.beginning.root)
        let root = try #require(chain.steps.last).outcome.root
        return try SnapshotImport(into: home, beginning, limits: limits, space: space, system: system) { _, _ in true }
            .run(path, root: root, progress: progress)
    }

    func check(_ home: TestDirectory, _ name: String = "") throws {
        let store = try ChainStore(directory: home.path)
        try #require(store.head == chain.steps.last?.head, "\(name)")
        try #require(try store.scrub() == [], "\(name)")
    }
}
