import CairnBase
import CairnRadio
import CairnWitness

/// A hundred names behind one radio, all with one account behind them, that all report what it hears.
struct WitnessStuffing: CoverageAttack {
    static let count = 100

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let places = TownSpot.apart(1, side: 2_000, around: TownSpot(east: 0, north: 0), &random)
        return places.flatMap { place in
            (0..<Self.count).map { number in
                var name = TownDevice(number: honest.count + number, at: place)
                name.isOnAir = number == 0
                name.antenna = honest.count
                name.root = honest.count
                return name
            }
        }
    }

    func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        (0..<Self.count).map { Hearing(reception, by: device + $0) }
    }
}
