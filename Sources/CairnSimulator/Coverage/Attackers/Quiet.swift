import CairnBase
import CairnRadio

/// The same radios in honest hands, and no names without one: what an attack is compared with.
struct Quiet<Attack: CoverageAttack>: CoverageAttack {
    private var attack: Attack

    init(_ attack: Attack) { self.attack = attack }

    static var town: TownPlan { Attack.town }

    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        attack.devices(beside: honest, &random).filter(\.isOnAir)
    }
}
