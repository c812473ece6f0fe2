import CairnBase
import CairnSimulator
import Testing

/// Whole chains under faults and liars. `scripts/simulate consensus` runs many more.
@Suite struct ConsensusSimulationTests {
    private func run(seed: UInt64, bug: String? = nil) -> Report {
        var options = SwarmOptions.draw(seed: seed, profile: ConsensusProtocol.profile, servers: 4)
        options.safety = .seconds(4)
        var simulation = Simulation(ConsensusProtocol.self, seed: seed, options: options, plantedBug: bug)
        return simulation.run()
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func faultsAndLiarsNeitherForkNorStopTheChain(seed: UInt64) {
        let report = run(seed: seed)
        #expect(report.violation == nil, "scripts/simulate consensus --seed \(seed) --nodes 4 --until 4")
        #expect(report.events > 100)
    }

    @Test func aSeedDecidesEverything() {
        #expect(run(seed: 9).trace == run(seed: 9).trace)
    }
}
