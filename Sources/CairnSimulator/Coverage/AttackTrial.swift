import CairnBase

/// One attack, and what it may come to.
public struct AttackTrial: Sendable {
    public let name: String
    /// The most that the mean may be, or for what is left to others, the least.
    public let bound: Double
    public let measure: Measure
    private let play: @Sendable (UInt64, UInt64, TownPlan?) throws -> Double

    public enum Measure: String, Sendable {
        /// What a device of the attacker earns, of what one of an ordinary honest owner does.
        case income = "income"
        /// What his victims still earn, of what they do where he is not.
        case left = "left to others"
    }

    public func isWithin(_ value: Double) -> Bool { measure == .income ? value <= bound : value >= bound }

    /// The mean over the seeds.
    ///
    /// - Parameter town: in place of the one that the attack is meant for.
    public func mean(seeds: ClosedRange<UInt64>, epochs: UInt64, in town: TownPlan? = nil) throws -> Double {
        try seeds.reduce(0.0) { $0 + (try play($1, epochs, town)) } / Double(seeds.count)
    }

    /// - Parameters:
    ///   - devices: how many real ones the attacker has, where that is not one for each name.
    ///   - lead: epochs before those that are looked at.
    ///   - plan: the town, where it is not the one that the attack is meant for.
    static func income<Attack: CoverageAttack>(
        _ name: String, atMost bound: Double, devices: Int? = nil, after lead: UInt64 = 0,
        in plan: TownPlan? = nil, _ attack: @escaping @Sendable () -> Attack
    ) -> AttackTrial {
        AttackTrial(name: name, bound: bound, measure: .income) { seed, epochs, town in
            let paid = try TownIncome(attack(), seed: seed, epochs: epochs, after: lead, in: town ?? plan)
            return paid.mean(paid.attackers, devices: devices) / paid.mean(paid.ordinary)
        }
    }

    /// - Parameter victims: by their numbers; all honest ones if nil.
    static func left<Attack: CoverageAttack>(
        _ name: String, atLeast bound: Double, victims: [Int]? = nil, _ attack: @escaping @Sendable () -> Attack
    ) -> AttackTrial {
        AttackTrial(name: name, bound: bound, measure: .left) { seed, epochs, town in
            let attacked = try TownIncome(attack(), seed: seed, epochs: epochs, in: town)
            let quiet = try TownIncome(Quiet(attack()), seed: seed, epochs: epochs, in: town)
            return attacked.mean(victims ?? attacked.ordinary) / quiet.mean(victims ?? quiet.ordinary)
        }
    }

    private init(
        name: String, bound: Double, measure: Measure,
        play: @escaping @Sendable (UInt64, UInt64, TownPlan?) throws -> Double
    ) {
        (self.name, self.bound, self.measure, self.play) = (name, bound, measure, play)
    }
}

/// What everybody in a town earned.
struct TownIncome {
    let ordinary: [Int]
    let attackers: [Int]
    private let units: [UInt64]

    init<Attack: CoverageAttack>(
        _ attack: Attack, seed: UInt64, epochs: UInt64, after lead: UInt64 = 0, in plan: TownPlan?
    ) throws {
        var town = try CoverageTown(attack, plan: plan ?? Attack.town, seed: seed)
        try town.run(epochs: lead + epochs)
        ordinary = (0..<town.honest).filter { !town.devices[$0].isAnchor }
        attackers = Array(town.honest..<town.devices.count)
        units = try town.devices.map { try town.chain.income(of: $0.owner, in: lead...lead + epochs) }
    }

    func mean(_ numbers: [Int], devices: Int? = nil) -> Double {
        let sum = numbers.reduce(0.0) { $0 + Double(units[$1]) }
        return sum / Double(max(1, devices ?? numbers.count))
    }
}
