import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Glibc
import Testing

/// A state goes from one store to another by a file that nobody needs to trust.
@Suite struct SnapshotTests {
    let source: TestDirectory
    let target: TestDirectory
    let chain: SampleChain
    let path: String
    let root: Digest

    init() throws {
        source = try TestDirectory()
        target = try TestDirectory()
        chain = try SampleChain(blocks: 9)
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        try chain.fill(source, limits)
        path = source.path + "/snapshot"
        root = try #require(chain.steps.last).outcome.root
    }

    private func beginning() -> SnapshotImport.Beginning {
        SnapshotImport.Beginning(
            chain: chain.ledger.chain, genesis: chain.genesis.encoded, time: chain.genesis.time,
            root: chain.beginning.root)
    }

    private func importing() -> SnapshotImport { SnapshotImport(into: target.path, beginning()) { _, _ in true } }

    @Test func aStoreGoesOnFromASnapshot() throws {
        let last = try #require(chain.steps.last)
        let header = try ChainReader(directory: source.path).exportSnapshot(to: path)
        #expect(header.root == root && header.height == last.block.height)
        #expect(header.entryCount == UInt64(last.state.entries.count))
        #expect(try importing().run(path, root: root) == last.head)
        let store = try ChainStore(directory: target.path)
        #expect(store.head == last.head && store.chain == chain.ledger.chain)
        for entry in last.state.entries { #expect(try store.state.value(for: entry.key) == entry.value) }
        #expect(try store.block(at: .genesis)?.payload == chain.genesis.encoded)
        var bare = last.block
        bare.certificate = []
        #expect(try store.block(at: last.block.height) == bare)
        #expect(try store.root(at: last.block.height) == root)
        #expect(try store.root(at: last.block.height.preceding()) == nil)
        #expect(try store.scrub() == [])
        let longer = try SampleChain(blocks: 11)
        for step in longer.steps.dropFirst(9) { try store.commit(step.block, step.outcome) }
        #expect(store.head == longer.steps.last?.head)
    }

    /// Two stores that came to a state by different ways write the same bytes.
    @Test func aSnapshotDependsOnTheStateAlone() throws {
        _ = try ChainReader(directory: source.path).exportSnapshot(to: path)
        let other = try TestDirectory()
        try chain.fill(other)
        _ = try ChainReader(directory: other.path).exportSnapshot(to: source.path + "/second")
        defer { unlink(source.path + "/second") }
        #expect(try contents(path) == contents(source.path + "/second"))
        unlink(path)
    }

    /// Every byte of the file matters, and after each refusal the directory is as it was.
    @Test func anAlteredSnapshotIsRefusedAndNothingIsKept() throws {
        _ = try ChainReader(directory: source.path).exportSnapshot(to: path)
        let bytes = try contents(path)
        var random = SeededRandom(seed: 4)
        for round in 0..<60 {
            var altered = bytes
            let place = round < 20 ? round * 9 : Int(random.below(UInt64(bytes.count)))
            altered[place] ^= 1 << UInt8(random.below(8))
            try expectRefusal(altered, "byte \(place)")
        }
        for cut in [0, 1, 15, 155, 156, 200, bytes.count / 2, bytes.count - 1] {
            try expectRefusal(Array(bytes[..<cut]), "cut at \(cut)")
        }
        try expectRefusal(bytes + [0], "one byte more")
        try write(bytes)
        _ = try importing().run(path, root: root)
        unlink(path)
    }

    @Test func whatWasNotAskedForIsRefused() throws {
        _ = try ChainReader(directory: source.path).exportSnapshot(to: path)
        #expect(throws: StoreError.snapshot(path: path, .otherRoot(root))) {
            try importing().run(path, root: Digest(repeated(9)))
        }
        let other = SnapshotImport.Beginning(
            chain: ChainID(repeated(8)), genesis: [], time: 0, root: .zero)
        #expect(throws: StoreError.snapshot(path: path, .otherChain(chain.ledger.chain))) {
            try SnapshotImport(into: target.path, other, isSound: { _, _ in true }).run(path, root: root)
        }
        #expect(throws: StoreError.exists(path: source.path + "/chain.db")) {
            try SnapshotImport(into: source.path, beginning(), isSound: { _, _ in true }).run(path, root: root)
        }
        unlink(path)
    }

    /// What the disk has done to a file is found out when a chunk is read, and is handed out no more.
    @Test func aShelfHandsOutWhatItHasAndNothingElse() throws {
        let place = source.path + "/shelf"
        var shelf = try SnapshotShelf(directory: place, of: chain.ledger.chain)
        let prepared = try SnapshotShelf.prepare(ChainReader(directory: source.path), in: place, keeping: 0)
        try shelf.add(prepared)
        let shelved = shelf.contents(at: prepared.header.height)
        let contents = try #require(shelved)
        #expect(contents.header.root == root)
        let list = contents.header.chunkList
        for (number, hash) in contents.chunks.enumerated() {
            let chunk = try shelf.chunk(UInt32(number), of: list)
            #expect(chunk.map { SnapshotContents.hash(ofChunk: $0, using: Blake2b()) } == hash)
        }
        let beyond = try shelf.chunk(UInt32(contents.chunks.count), of: list)
        let foreign = try shelf.chunk(0, of: .zero)
        #expect(beyond == nil && foreign == nil)

        let again = try SnapshotShelf(directory: place, of: chain.ledger.chain)
        let found = again.contents(at: prepared.header.height)
        #expect(found == contents)
        let file = "\(place)/\(prepared.header.height).snapshot"
        var bytes = try self.contents(file)
        bytes[bytes.count - 1] ^= 1
        try write(bytes, to: file)
        do throws(StoreError) {
            _ = try shelf.chunk(UInt32(contents.chunks.count - 1), of: list)
            Issue.record("an altered chunk was handed out")
        } catch {
            #expect(error == .snapshot(path: file, .chunkAltered(UInt32(contents.chunks.count - 1))))
        }
        let left = shelf.contents(at: prepared.header.height)
        #expect(left == nil && access(file, F_OK) != 0)

        try shelf.add(SnapshotShelf.prepare(ChainReader(directory: source.path), in: place, keeping: 0))
        let other = try SnapshotShelf(directory: place, of: ChainID(repeated(8)))
        let foreigner = other.contents(at: prepared.header.height)
        #expect(foreigner == nil && access(file, F_OK) != 0)
        rmdir(place)
    }

    @Test func aDiskThatIsAlmostFullTakesNoSnapshot() throws {
        let place = source.path + "/shelf"
        _ = try SnapshotShelf(directory: place, of: chain.ledger.chain)
        #expect(throws: StoreError.self) {
            try SnapshotShelf.prepare(ChainReader(directory: source.path), in: place, keeping: .max)
        }
        // Nothing is left behind: the directory can be removed.
        #expect(rmdir(place) == 0)
    }

    private func expectRefusal(_ bytes: [UInt8], _ name: Comment) throws {
        try write(bytes)
        #expect(throws: StoreError.self, name) { try importing().run(path, root: root) }
        #expect(access(target.path + "/chain.db", F_OK) != 0, name)
        #expect(access(target.path + "/chain.import", F_OK) != 0, name)
    }

    private func write(_ bytes: [UInt8], to path: String? = nil) throws {
        let file = try #require(unsafe fopen(path ?? self.path, "wb"))
        defer { unsafe fclose(file) }
        try #require(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private func contents(_ path: String) throws -> [UInt8] { try fileContents(path) }
}

/// A copy of a database, taken and put back.
@Suite struct BackupTests {
    let home: TestDirectory
    let place: TestDirectory
    let chain: SampleChain
    let copy: String

    init() throws {
        home = try TestDirectory()
        place = try TestDirectory()
        chain = try SampleChain(blocks: 6)
        copy = place.path + "/copy"
    }

    private func removeCopy() {
        for name in ["chain.db", "manifest.json"] { unlink(copy + "/" + name) }
        rmdir(copy)
    }

    /// Taken while the node's own store is open, with changes pending and pages in the log.
    @Test func aBackupIsTakenBesideARunningStoreAndRestored() throws {
        defer { removeCopy() }
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        let store = try ChainStore(directory: home.path, limits: limits)
        try chain.begin(store)
        for step in chain.steps.dropLast() { try store.commit(step.block, step.outcome) }
        let backup = try Backup.make(of: home.path, into: copy)
        #expect(backup.height == store.head?.height && backup.root == store.head?.root)
        #expect(backup.chain == chain.ledger.chain)
        #expect(try Backup.check(copy) == backup)
        let last = try #require(chain.steps.last)
        try store.commit(last.block, last.outcome)
        #expect(try Backup.restore(copy, into: place.path) == backup)
        let restored = try ChainStore(directory: place.path)
        #expect(restored.head == chain.steps.dropLast().last?.head)
        try restored.commit(last.block, last.outcome)
        #expect(try restored.scrub() == [])
    }

    @Test func aDamagedBackupIsNotRestored() throws {
        defer { removeCopy() }
        try chain.fill(home)
        _ = try Backup.make(of: home.path, into: copy)
        let bytes = try fileContents(copy + "/chain.db")
        for offset in [100, bytes.count / 2, bytes.count - 1] {
            var altered = bytes
            altered[offset] ^= 1
            try put(altered)
            #expect(throws: StoreError.self) { try Backup.restore(copy, into: place.path) }
            #expect(access(place.path + "/chain.db", F_OK) != 0)
        }
        try put(bytes)
        _ = try Backup.restore(copy, into: place.path)
        #expect(throws: StoreError.exists(path: place.path + "/chain.db")) {
            try Backup.restore(copy, into: place.path)
        }
    }

    @Test func nothingIsOverwritten() throws {
        defer { removeCopy() }
        try chain.fill(home)
        _ = try Backup.make(of: home.path, into: copy)
        #expect(throws: StoreError.self) { try Backup.make(of: home.path, into: copy) }
        #expect(try Backup.check(copy).height == Height(6))
    }

    private func put(_ bytes: [UInt8]) throws {
        let file = try #require(unsafe fopen(copy + "/chain.db", "wb"))
        defer { unsafe fclose(file) }
        try #require(unsafe fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
}

func fileContents(_ path: String) throws -> [UInt8] {
    let file = try #require(unsafe fopen(path, "rb"))
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}
