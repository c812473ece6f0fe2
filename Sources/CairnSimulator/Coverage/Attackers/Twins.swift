import CairnBase
import CairnRadio
import CairnWitness

/// Five gateways at five places, of five owners, that share one antenna.
struct Twins: CoverageAttack {
    static let count = 5

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(Self.count, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            var twin = TownDevice(number: honest.count + $0.offset, at: $0.element)
            twin.isOnAir = $0.offset == 0
            twin.antenna = honest.count
            return twin
        }
    }

    func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        (0..<Self.count).map { Hearing(reception, by: device + $0) }
    }
}
