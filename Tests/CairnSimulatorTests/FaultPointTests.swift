import CairnBase
import Testing

@Suite struct FaultPointTests {
    @Test func pointsThatAreOffNeverFireAndCountNothing() {
        var points = FaultPoints.off
        for _ in 0..<1_000 {
            let fired = points.buggify("test.point")
            #expect(!fired)
            points.sometimes("test.state")
        }
        #expect(points.counts.isEmpty)
    }

    @Test func aQuarterOfTheRunsActivatesAPointAndAQuarterOfTheVisitsFires() {
        var activeRuns = 0
        for seed in 0..<400 as Range<UInt64> {
            var points = FaultPoints(seed: seed, stream: SeededRandom(seed: seed))
            let firings = (0..<100).count { _ in points.buggify("test.point") }
            #expect(firings == 0 || (8...45).contains(firings))
            if firings > 0 { activeRuns += 1 }
            let count = points.counts.first
            #expect(points.counts.count == 1 && count?.name == "test.point")
            #expect(count?.visits == 100 && count?.firings == UInt64(firings))
        }
        #expect((60...140).contains(activeRuns))
    }

    /// What a shrinker relies on: the firings of one point do not depend on whether another may fire.
    @Test func mutingOnePointDoesNotMoveAnother() {
        let identities = ["test.a", "test.b"].map { FaultPoints.identity(of: $0) }
        func firings(only: [UInt64]) -> [Bool] {
            var points = FaultPoints(seed: 1, stream: SeededRandom(seed: 9), only: only)
            return (0..<200).map { _ in
                _ = points.buggify("test.a")
                return points.buggify("test.b")
            }
        }
        #expect(firings(only: identities) == firings(only: [identities[1]]))
        #expect(firings(only: identities).contains(true))
        #expect(!firings(only: []).contains(true))
    }

    @Test func rareStatesAreCounted() {
        var points = FaultPoints(seed: 1, stream: SeededRandom(seed: 1))
        points.sometimes("test.state")
        points.sometimes("test.state", false)
        points.sometimes("test.state", true)
        #expect(points.counts.map(\.name) == ["test.state"] && points.counts.map(\.visits) == [2])
    }
}
