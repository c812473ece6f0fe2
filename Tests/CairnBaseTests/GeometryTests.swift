import Glibc
import Testing

@testable import CairnBase

@Suite struct SineTests {
    @Test func tableIsTheRoundedSine() {
        #expect(Sine.table.count == 4097)
        #expect([1, 2048, 4095, 4096].map { Sine.table[$0] } == [411_775, 759_250_125, 1_073_741_745, 1 << 30])
        for (index, entry) in Sine.table.enumerated() {
            #expect(Double(entry) == (sin(.pi * Double(index) / 8192) * 0x1p30).rounded())
        }
    }

    /// FNV-1a over the little-endian table, computed elsewhere together with the BLAKE2b hash the protocol pins.
    @Test func tableKeepsItsBytes() {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for entry in Sine.table {
            for shift: UInt32 in [0, 8, 16, 24] {
                hash = (hash ^ UInt64(entry >> shift & 0xff)) &* 0x100_0000_01b3
            }
        }
        #expect(hash == 0xe8d7_e3d3_4c12_0c42)
    }

    @Test func everyQuadrantFollowsTheSine() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<20_000 {
            let angle = Int64(random.below(7_200_000_000)) - 3_600_000_000
            let exact = Double(angle) / 1e7 * .pi / 180
            #expect(abs(Double(Sine.sine(angle)) - sin(exact) * 0x1p30) < 22)
            #expect(abs(Double(Sine.cosine(angle)) - cos(exact) * 0x1p30) < 22)
            #expect(Sine.sine(-angle) == -Sine.sine(angle))
        }
    }

    @Test(arguments: [(0, 0), (900_000_000, 1), (1_800_000_000, 0), (2_700_000_000, -1), (-900_000_000, -1)])
    func quartersAreExact(angle: Int64, sine: Int64) {
        #expect(Sine.sine(angle) == sine << 30)
    }
}

@Suite struct PositionTests {
    @Test(
        arguments: [
            (900_000_001, 0), (-900_000_001, 0), (0, 1_800_000_000), (0, -1_800_000_001), (.min, .min), (.max, .max),
        ] as [(Int32, Int32)])
    func outOfRangeIsRefused(latitude: Int32, longitude: Int32) {
        #expect(Position(latitude: latitude, longitude: longitude) == nil)
    }

    @Test func theEndsOfTheRangesArePositions() throws {
        let corner = try #require(Position(latitude: -900_000_000, longitude: -1_800_000_000))
        #expect(corner.description == "-90.0000000, -180.0000000")
        #expect(Position(latitude: 900_000_000, longitude: 1_799_999_999) != nil)
        #expect(Position(latitude: -1, longitude: 1)?.description == "-0.0000001, 0.0000001")
    }

    @Test(arguments: [(515_074_000, -1_278_000, 343_514), (488_593_000, 23_522_000, 300)] as [(Int32, Int32, UInt64)])
    func publishedDistancesFromParis(latitude: Int32, longitude: Int32, metres: UInt64) throws {
        let paris = try #require(Position(latitude: 488_566_000, longitude: 23_522_000))
        let other = try #require(Position(latitude: latitude, longitude: longitude))
        #expect(paris.metres(to: other) == metres)
        #expect(other.metres(to: paris) == metres)
    }

    @Test func distancesFollowTheChord() throws {
        var random = SeededRandom(seed: 2)
        for _ in 0..<10_000 {
            let (here, there) = (try random.position(), try random.position())
            let exact = Oracle(here).metres(to: Oracle(there))
            #expect(abs(Double(here.metres(to: there)) - exact) < 1.5)
            #expect(here.metres(to: here) == 0)
        }
    }

    @Test func distancesUpToThirtyKilometresAreOffByLessThan120Centimetres() throws {
        var random = SeededRandom(seed: 3)
        for _ in 0..<10_000 {
            let here = try random.position()
            let latitude = Int64(here.latitude) + Int64(random.below(5_396_000)) - 2_698_000
            guard let there = Position(latitude: Int32(latitude), longitude: here.longitude) else { continue }
            let exact = Oracle(here).metres(to: Oracle(there))
            #expect(abs(Double(here.metres(to: there)) - exact) < 1.2)
        }
    }
}

@Suite struct LogarithmTests {
    @Test func everyStepIsWhereItBelongs() {
        for step in 1...9632 as ClosedRange<UInt32> {
            // The smallest number whose result is at least `step`. Several steps may fall on one small number.
            let threshold = UInt32(pow(10, Double(step) / 1000).rounded(.up))
            #expect(threshold.thousandLog10.map { $0 >= step } == true)
            #expect((threshold - 1).thousandLog10.map { $0 < step } == true)
        }
    }

    @Test func theEndsAreExact() {
        #expect(UInt32(0).thousandLog10 == nil)
        #expect(UInt32(1).thousandLog10 == 0)
        #expect(UInt32(10).thousandLog10 == 1000)
        #expect(UInt32(1_000_000_000).thousandLog10 == 9000)
        #expect(UInt32(999_999_999).thousandLog10 == 8999)
        #expect(UInt32.max.thousandLog10 == 9632)
    }
}
