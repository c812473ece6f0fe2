import CairnBase
import Testing

@testable import CairnSimulator

@Suite struct DiskTests {
    private let id = ProcessID(0)
    private let options = SwarmOptions(
        cluster: Cluster(servers: 1, clients: 0), safety: .seconds(1), livenessBound: .zero)

    /// A disk whose answers are given at once.
    private struct Rig {
        var disk: Disk
        var options: SwarmOptions
        var faults: FaultInjector

        mutating func ask(_ request: DiskRequest) -> DiskResult {
            let answer = disk.accept(request, token: 1, at: .origin, options: options, faults: &faults).answer
            disk.settle(answer)
            return answer.result
        }

        mutating func write(_ bytes: [UInt8], at offset: Int = 0, sync: Bool) {
            _ = ask(.write(file: "log", offset: offset, bytes: bytes))
            if sync {
                _ = ask(.sync(file: "log"))
                _ = ask(.syncDirectory)
            }
        }
    }

    private func rig(_ options: SwarmOptions? = nil) -> Rig {
        let faults = FaultInjector(random: SeededRandom(seed: 3), selection: .all, records: false)
        return Rig(disk: Disk(id: id), options: options ?? self.options, faults: faults)
    }

    @Test func syncedBytesSurvivePowerLossAndUnsyncedOnesMayNot() {
        var fates = Set<[UInt8]?>()
        for seed in 0..<200 as Range<UInt64> {
            var rig = rig()
            rig.write([1, 1, 1], sync: true)
            rig.write([2, 2, 2], sync: false)
            #expect(rig.disk.image.contents(of: "log") == [2, 2, 2])
            var random = SeededRandom(seed: seed)
            #expect(rig.disk.losePower(options: options, using: &random, mayTear: false) == 0)
            fates.insert(rig.disk.image.contents(of: "log"))
        }
        #expect(fates == [[1, 1, 1], [2, 2, 2]])
    }

    @Test func sectorsSurviveOneByOne() {
        var fates = Set<[UInt8]>()
        for seed in 0..<200 as Range<UInt64> {
            var rig = rig()
            rig.write([UInt8](repeating: 1, count: 1_536), sync: true)
            rig.write([UInt8](repeating: 2, count: 1_536), sync: false)
            var random = SeededRandom(seed: seed)
            _ = rig.disk.losePower(options: options, using: &random, mayTear: false)
            let bytes = rig.disk.image.contents(of: "log") ?? []
            let sectors = stride(from: 0, to: bytes.count, by: 512).map { Array(bytes[$0..<($0 + 512)]) }
            #expect(sectors.allSatisfy { Set($0).count == 1 })
            fates.insert(sectors.compactMap(\.first))
        }
        #expect(fates.count == 8)
    }

    @Test func aTornSectorIsPartOldPartNew() {
        var options = options
        options.tornSectorPPM = 1_000_000
        var rig = rig(options)
        rig.write([UInt8](repeating: 1, count: 100), sync: true)
        rig.write([UInt8](repeating: 2, count: 100), sync: false)
        var random = SeededRandom(seed: 5)
        #expect(rig.disk.losePower(options: options, using: &random, mayTear: true) == 1)
        let bytes = rig.disk.image.contents(of: "log") ?? []
        let new = bytes.prefix { $0 == 2 }.count
        #expect(bytes.count == 100 && new > 0 && bytes.dropFirst(new).allSatisfy { $0 == 1 })
    }

    @Test func namesAreDurableOnlyAfterADirectorySync() {
        var seen = Set<[String]>()
        for seed in 0..<100 as Range<UInt64> {
            var rig = rig()
            rig.write([1], sync: true)
            _ = rig.ask(.write(file: "new", offset: 0, bytes: [2]))
            _ = rig.ask(.sync(file: "new"))
            _ = rig.ask(.rename(from: "new", to: "log"))
            #expect(rig.disk.image.contents(of: "log") == [2])
            var random = SeededRandom(seed: seed)
            _ = rig.disk.losePower(options: options, using: &random, mayTear: false)
            let image = rig.disk.image
            seen.insert(image.files)
            // A rename is all or nothing: the name leads to the old bytes or to the new ones.
            #expect(image.contents(of: "log") == (image.files == ["log"] ? image.contents(of: "log") : [1]))
            #expect([[1], [2]].contains(image.contents(of: "log")))
        }
        #expect(seen == [["log"], ["log", "new"]])
    }

    @Test func aFailedSyncLeavesBytesThatReadsSeeAndPowerLossTakes() {
        var rig = rig()
        rig.write([1], sync: true)
        rig.disk.failingUntil = .distantFuture
        _ = rig.ask(.write(file: "log", offset: 0, bytes: [2]))
        #expect(rig.ask(.sync(file: "log")) == .failed(.inputOutput))
        rig.disk.failingUntil = .origin
        // The pages were marked clean: a second sync succeeds and proves nothing.
        #expect(rig.ask(.sync(file: "log")) == .done)
        #expect(rig.disk.image.contents(of: "log") == [2])
        var random = SeededRandom(seed: 1)
        _ = rig.disk.losePower(options: options, using: &random, mayTear: false)
        #expect(rig.disk.image.contents(of: "log") == [1])
    }

    @Test func aFullDiskTakesNothingAndStillReads() {
        var rig = rig()
        rig.write([1], sync: true)
        rig.disk.fullUntil = .distantFuture
        #expect(rig.ask(.write(file: "log", offset: 0, bytes: [2])) == .failed(.full))
        #expect(rig.ask(.read(file: "log", offset: 0, count: 9)) == .read([1]))
        #expect(rig.ask(.read(file: "none", offset: 0, count: 9)) == .failed(.notFound))
    }

    @Test func truncationAndHolesReadAsZeros() {
        var rig = rig()
        rig.write([7], at: 3, sync: true)
        #expect(rig.ask(.read(file: "log", offset: 0, count: 9)) == .read([0, 0, 0, 7]))
        _ = rig.ask(.truncate(file: "log", count: 2))
        #expect(rig.ask(.read(file: "log", offset: 0, count: 9)) == .read([0, 0]))
    }

    @Test func rotTurnsOneBit() throws {
        var rig = rig()
        rig.write([0, 0, 0, 0], sync: true)
        var random = SeededRandom(seed: 1)
        #expect(rig.disk.rot(using: &random) == "log")
        let bytes = try #require(rig.disk.image.contents(of: "log"))
        #expect(bytes.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
        #expect(rig.disk.isDamaged)
    }
}
