import CairnBase
import Testing

@Suite struct CoverageUnitsTests {
    @Test func unitsAreThePublishedOnes() {
        let counts = [0, 1, 2, 3, 4, 5, 6, 8, 10, 14]
        let beacons: [UInt64] = [
            0, 250_000, 500_000, 750_000, 1_000_000, 1_200_000, 1_360_000, 1_590_400, 1_737_856, 1_892_627,
        ]
        let witnesses: [UInt64] = [
            0, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 760_000, 606_666, 426_200, 326_214, 221_955,
        ]
        #expect(counts.map(CoverageUnits.beacon) == beacons)
        #expect(counts.map(CoverageUnits.witness) == witnesses)
        #expect(CoverageUnits.beacon(witnesses: .max) == 2_000_000)
        #expect((1...5).map(CoverageUnits.repeated) == [1_000_000, 500_000, 250_000, 0, 0])
    }
}
