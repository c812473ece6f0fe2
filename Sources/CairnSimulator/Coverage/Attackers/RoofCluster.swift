import CairnBase
import CairnRadio

/// Twenty real radios on one roof, each of an owner of its own: what one place is worth, asked for twenty times.
struct RoofCluster: CoverageAttack {
    static let count = 20

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let roof = TownSpot(east: Int32(random.below(2_000)) - 1_000, north: Int32(random.below(2_000)) - 1_000)
        return (0..<Self.count).compactMap { number in
            TownSpot(east: roof.east + Int32(number), north: roof.north).position
                .map { TownDevice(number: honest.count + number, at: $0) }
        }
    }
}
