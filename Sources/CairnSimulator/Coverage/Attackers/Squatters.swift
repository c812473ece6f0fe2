import CairnBase
import CairnRadio

/// Names without radios, registered at the places of two honest gateways to be counted there.
struct Squatters: CoverageAttack {
    static let each = 10
    /// The honest gateways they crowd.
    static let victims = [6, 7]

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        Self.victims.flatMap { [Int](repeating: $0, count: Self.each) }.enumerated().map { number, victim in
            var squatter = TownDevice(number: honest.count + number, at: honest[victim].declared)
            squatter.isOnAir = false
            return squatter
        }
    }
}
