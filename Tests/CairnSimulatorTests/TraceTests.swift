import CairnBase
import CairnSimulator
import Testing

@Suite struct TraceTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func equalSeedsGiveEqualTraces(seed: UInt64) {
        var options = SwarmOptions.draw(seed: seed, profile: SpinProtocol.profile)
        options.safety = .seconds(1)
        var first = Simulation(SpinProtocol.self, seed: seed, options: options)
        var second = Simulation(SpinProtocol.self, seed: seed, options: options)
        var other = Simulation(SpinProtocol.self, seed: seed + 1_000, options: options)
        let report = first.run()
        #expect(report.trace == second.run().trace)
        #expect(report.trace != other.run().trace)
        #expect(report.violation == nil)
        #expect(report.events > 1_000)
    }
}
