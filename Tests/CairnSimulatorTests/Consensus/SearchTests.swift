import CairnBase
import Testing

@testable import CairnSimulator

/// The short forms of the searches that `scripts/simulate` runs at length.
@Suite struct SearchTests {
    @Test func twoViewsHoldInEveryOrderOfLeaders() {
        var states = 0
        Exploration.all(views: 2, variants: 1) { result in
            #expect(result.violation == nil, "leaders \(result.schedule): \(result.trace)")
            #expect(result.isComplete)
            states += result.states
            return true
        }
        #expect(states > 1_000)
    }

    @Test(arguments: ["floor-guard", "no-finalize-after-nullify", "notarize-once"])
    func theSearchMissesALiftedRule(name: String) {
        #expect(MutationGate.attempt(.search, without: name, .short) != nil)
    }

    @Test(arguments: [4, 5])
    func twinsNeitherForkNorStopTheChain(servers: Int) {
        var study = TwinsStudy(servers: servers, rounds: 3)
        #expect(study.run(limit: 40).failure == nil)
    }

    /// Before finalizations asked for older gaps, a server that missed the first blocks never handed out another.
    @Test func aServerThatMissedTheFirstBlocksCatchesUp() {
        var study = TwinsStudy(servers: 4, rounds: 3)
        #expect(throws: Never.self) { try study.run(scenario: 183).get() }
    }

    @Test func scenariosAreCounted() {
        #expect([4, 5, 7].map { TwinsScenarios(servers: $0, rounds: 3).count } == [45_760, 199_760, 670_272])
    }
}
