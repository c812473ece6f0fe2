import CairnBase
import CairnRadio

/// A gateway that nobody can hear.
struct LoneGateway: CoverageAttack {
    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot(east: 14_000, north: 0).position.map { [TownDevice(number: honest.count, at: $0)] } ?? []
    }
}
