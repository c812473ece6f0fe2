import CairnBase
import CairnRadio
import CairnWitness

/// Gateways that hear nothing and say what others say: the same commitment under their own name, and then the opening.
struct Copier: CoverageAttack {
    private static let count = 3

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(Self.count, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            var copier = TownDevice(number: honest.count + $0.offset, at: $0.element)
            copier.isOnAir = false
            return copier
        }
    }

    func overhear(_ statement: Statement, in town: TownGlimpse) -> [Saying] {
        let own = town.devices.count - Self.count..<town.devices.count
        return own.flatMap { device -> [Saying] in
            switch statement {
            case .commit(let challenge, _, let commitment):
                guard let place = town.place(of: device) else { return [] }
                return [Saying(.commit(challenge: challenge, witness: place, commitment: commitment), by: device)]
            case .reveal(let opening): return [Saying(.reveal(opening), by: device)]
            case .reveals(_, _, let openings): return openings.map { Saying(.reveal($0), by: device) }
            case .beacon: return []
            }
        }
    }
}
