import CairnBase
import CairnCrypto
import CairnStorage
import Glibc
import Testing

@testable import CairnStore

/// A partition that is being sealed goes on where it was stopped, and is nobody else's.
@Suite struct SealedFileTests {
    private let home: TestDirectory
    private let sealing: Sealing<Blake2b>

    init() throws {
        home = try TestDirectory()
        let pad = try #require(Pad(passes: 1))
        sealing = Sealing(chain: ChainID(Self.id(1)), provider: Digest(Self.id(2)), pad: pad, using: Blake2b())
    }

    private static func id(_ byte: UInt8) -> Bytes32 { Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero }

    private func identity(provider: UInt8 = 2) -> SealedFile.Identity {
        SealedFile.Identity(
            chain: sealing.chain, provider: Digest(Self.id(provider)), partition: 0, units: 4, passes: 1)
    }

    private func open() throws -> SealedFile { try SealedFile(directory: home.path + "/sealed", identity()) }

    private func add(_ place: UInt32, to file: SealedFile) throws {
        let unit = try #require(PackedPartition.filler(place, of: 0, sealing: sealing))
        try file.append(unit.bytes, root: unit.root)
    }

    @Test func itGoesOnWhereItWasStopped() throws {
        do {
            let file = try open()
            for place in 0..<2 as Range<UInt32> { try add(place, to: file) }
        }
        // The third was being written: its bytes are there, and part of its root.
        for (name, count) in [("0.packed", 700_000), ("0.roots", 11)] {
            let tail = try DiskFile.grow("\(home.path)/sealed/\(name)")
            try tail.append([UInt8](repeating: 7, count: count))
        }
        let file = try open()
        #expect(file.roots.count == 2 && !file.isWhole)
        for place in 2..<4 as Range<UInt32> { try add(place, to: file) }
        #expect(file.isWhole)
        for place in 0..<4 {
            let unit = try file.unit(place)
            #expect(StorageUnits.tree(unit, using: Blake2b())?.root == file.roots[place])
            #expect(sealing.mask(of: PlacedUnit(shardRoot: filler, unit: UInt32(place))) == unit)
        }
        // More than there is room for is not kept.
        try add(4, to: file)
        #expect(try open().roots.count == 4)
    }

    private var filler: Digest {
        PlacedUnit.fillerRoot(chain: sealing.chain, provider: sealing.provider, partition: 0, using: Blake2b())
    }

    @Test func aRootWithoutItsUnitCountsForNothing() throws {
        do {
            let file = try open()
            for place in 0..<2 as Range<UInt32> { try add(place, to: file) }
        }
        try DiskFile.grow(home.path + "/sealed/0.packed").cut(to: StorageUnits.unitBytes + 5)
        #expect(try open().roots.count == 1)
    }

    @Test func aPartitionOfAnotherProviderIsRefusedAndKept() throws {
        try add(0, to: try open())
        #expect(throws: StoreError.self) {
            try SealedFile(directory: home.path + "/sealed", identity(provider: 3))
        }
        #expect(try open().roots.count == 1)
    }

    /// Everything that a witness asks of a partition comes from the file, and holds before the roots that were claimed.
    @Test func whatItShowsHolds() throws {
        let file = try open()
        for place in 0..<4 as Range<UInt32> { try add(place, to: file) }
        let hash = Blake2b()
        let partition = try #require(
            PackedPartition(number: 0, fillerRoot: filler, fillerUnitRoots: file.roots))
        let prover = SealedProver(partition, using: hash)
        let roots = try #require(prover.roots)
        let question = RoundQuestion(
            challenge: Digest(Self.id(5)), provider: sealing.provider, partition: 0, witness: Digest(Self.id(6)),
            nonce: Self.id(7)
        ).walk(on: sealing.chain)
        let last = try #require(try prover.end(of: question, steps: 16, over: file))
        let answer = try #require(try prover.answer(question, steps: 16, over: file))
        let sent = try WalkAnswer.decode(answer.encoded, steps: 16, height: roots.height)
        #expect(sent.fault(answering: question, steps: 16, partition: roots, last: last, using: hash) == nil)
        let check = try #require(try prover.check(question, steps: 16, over: file))
        let shown = try FullCheck.decode(check.encoded, height: roots.height)
        let place = last.raw.low64 % roots.leaves
        #expect(shown.fault(at: place, in: roots, number: 0, shardUnits: 0, sealing: sealing) == nil)
        // A bit that turned on the disk is no part of what was claimed.
        let unit = Int(place) / StorageUnits.leavesPerUnit
        try flip(byte: Int(place) * StorageUnits.leafBytes)
        let changed = try #require(try prover.check(question, steps: 16, over: try open()))
        if changed.leaf.place == place {
            #expect(changed.fault(at: place, in: roots, number: 0, shardUnits: 0, sealing: sealing) == .path)
        } else {
            Issue.record("the walk went over unit \(unit) itself: take another nonce")
        }
    }

    private func flip(byte: Int) throws {
        let descriptor = Glibc.open(home.path + "/sealed/0.packed", O_RDWR)
        defer { close(descriptor) }
        var value: UInt8 = 0
        #expect(unsafe pread(descriptor, &value, 1, off_t(byte)) == 1)
        value ^= 1
        #expect(unsafe pwrite(descriptor, &value, 1, off_t(byte)) == 1)
    }
}
