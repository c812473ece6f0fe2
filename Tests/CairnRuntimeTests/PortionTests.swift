import CairnBase
import Testing

@testable import CairnRuntime

@Suite struct PortionTests {
    private func taken(_ portion: inout Portion, _ count: Int? = nil, after milliseconds: UInt64) {
        let start = Instant.origin + .seconds(1)
        portion.give(count ?? portion.size, at: start)
        portion.taken(at: start + .milliseconds(milliseconds))
    }

    @Test func theyGrowAfterSeveralFullOnesThatWereTakenAtOnceAndUpToABound() {
        var portion = Portion()
        let least = portion.size
        for _ in 0..<3 {
            taken(&portion, after: 0)
            #expect(portion.size == least)
        }
        taken(&portion, after: 1)
        #expect(portion.size == 2 * least)
        for _ in 0..<20 { taken(&portion, after: 0) }
        #expect(portion.size == 16 * least)
    }

    @Test func theFirstThatHasToWaitMakesThemSmallAgain() {
        var portion = Portion()
        let least = portion.size
        for _ in 0..<10 { taken(&portion, after: 0) }
        #expect(portion.size > least)
        taken(&portion, 1, after: 2)
        #expect(portion.size == least)
        for _ in 0..<3 { taken(&portion, after: 0) }
        #expect(portion.size == least)
    }

    @Test func smallMessagesThatAnIdleWayTakesAtOnceProveNothing() {
        var portion = Portion()
        let least = portion.size
        for _ in 0..<100 { taken(&portion, least - 1, after: 0) }
        #expect(portion.size == least)
    }
}
