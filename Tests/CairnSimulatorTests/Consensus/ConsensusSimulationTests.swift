import CairnBase
import CairnSimulator
import Testing

/// Whole chains under faults and liars. `scripts/simulate consensus` runs many more.
@Suite struct ConsensusSimulationTests {
    private func run(seed: UInt64, bug: String? = nil, log: Int = 0) -> Report {
        let options = SwarmOptions.draw(seed: seed, profile: ConsensusProtocol.profile)
        var simulation = Simulation(
            ConsensusProtocol.self, seed: seed, options: options, plantedBug: bug, logsLast: log)
        return simulation.run()
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func faultsAndLiarsNeitherForkNorStopTheChain(seed: UInt64) {
        let report = run(seed: seed)
        #expect(report.violation == nil, "scripts/simulate consensus --seed \(seed)")
        #expect(report.events > 1_000)
    }

    @Test func aSeedDecidesEverything() {
        #expect(run(seed: 9).trace == run(seed: 9).trace)
    }
}
