import CairnBase
import CairnSimulator
import Testing

/// A newcomer, and half of the machines it could reach are hostile.
@Suite struct EclipseTests {
    private func outcome(seed: UInt64) -> EclipseTrial.Outcome {
        var setting = EclipseTrial.Setting(honest: 16, machines: 16)
        (setting.seed, setting.namesPerMachine) = (seed, 3)
        (setting.before, setting.watched) = (.seconds(5), .seconds(20))
        var trial = EclipseTrial(setting)
        return trial.run()
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `a newcomer finds honest peers, and they stay`(seed: UInt64) {
        let outcome = outcome(seed: seed)
        #expect(outcome.honestPeers >= 3)
        #expect(outcome.fewestHonest >= 3)
        #expect(outcome.threeAfter.map { $0 < .seconds(15) } ?? false)
    }

    @Test func `a seed repeats`() {
        #expect(outcome(seed: 4) == outcome(seed: 4))
    }
}
