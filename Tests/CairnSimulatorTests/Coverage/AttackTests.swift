import CairnSimulator
import Testing

/// Attacks with few radios pay no more than their bounds, in a small town and for a short time; `scripts/bench attacks`
/// plays them all for longer, in large ones.
@Suite struct AttackTests {
    private static let quick = ["squatters", "lone gateway", "tunnel to 30 km", "copying", "replay"]

    @Test(arguments: AttackTrial.all.filter { $0.measure == .income && quick.contains($0.name) })
    func paysNoMoreThanItsBound(trial: AttackTrial) throws {
        var town = TownPlan()
        (town.gateways, town.anchors, town.side) = (8, 3, 2_500)
        let value = try trial.mean(seeds: 1...1, epochs: 8, in: town)
        #expect(trial.isWithin(value), "\(trial.name): \(value), at most \(trial.bound)")
    }
}
