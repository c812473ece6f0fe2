import CairnBase
import CairnRadio
import CairnWitness

/// Real gateways behind a proxy that reports one strength for whatever they hear.
struct StrengthRewriter: CoverageAttack {
    private let strength: Int16

    /// - Parameter strength: in tenths of a decibel above a milliwatt.
    init(to strength: Int16) { self.strength = strength }

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(3, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        var reported = reception
        reported.strength = strength
        return [Hearing(reported, by: device)]
    }
}
