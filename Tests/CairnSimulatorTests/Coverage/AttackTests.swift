import Testing

@testable import CairnSimulator

/// Attacks with few radios pay no more than their bounds, in a small town and for a short time; `scripts/bench attacks`
/// plays them all for longer, in large ones.
@Suite struct AttackTests {
    private static let quick = ["squatters", "lone gateway", "tunnel to 30 km", "copying", "replay"]

    @Test(arguments: AttackTrial.all.filter { $0.measure == .income && quick.contains($0.name) })
    func paysNoMoreThanItsBound(trial: AttackTrial) throws {
        let value = try trial.mean(seeds: 1...1, epochs: 8, in: Self.town(8))
        #expect(trial.isWithin(value), "\(trial.name): \(value), at most \(trial.bound)")
    }

    @Test func squattersLeaveTheOthersTheirPay() throws {
        let trial = try #require(AttackTrial.all.first { $0.name == "squatters" && $0.measure == .left })
        let value = try trial.mean(seeds: 1...1, epochs: 12, in: Self.town(10))
        #expect(trial.isWithin(value), "\(value), at least \(trial.bound)")
    }

    /// What statistics find takes its time: what is paid is looked at when they had it. Twins need ten believed witnesses.
    @Test func namesOnOneAntennaShareOneUnitOnceTheyAreFound() throws {
        let paid = try TownIncome(Twins(), seed: 1, epochs: 8, after: 18, in: Self.town(14))
        let share = paid.mean(paid.attackers) / paid.mean(paid.ordinary)
        #expect(share <= 0.26, "each has \(share) of an honest one's")
    }

    /// Who only seems to hear is one-sided twenty epochs after it was last believed.
    @Test func oneStrengthForEverythingPaysLittleOnceItIsFound() throws {
        let paid = try TownIncome(StrengthRewriter(to: -1_000), seed: 1, epochs: 8, after: 30, in: Self.town(10))
        let share = paid.mean(paid.attackers) / paid.mean(paid.ordinary)
        #expect(share <= 0.25, "each has \(share) of an honest one's")
    }

    private static func town(_ gateways: Int) -> TownPlan {
        var town = TownPlan()
        (town.gateways, town.anchors, town.side) = (gateways, max(3, gateways / 4), 2_500)
        return town
    }
}
