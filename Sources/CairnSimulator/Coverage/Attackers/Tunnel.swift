import CairnBase
import CairnRadio

/// A radio that is in the town and says that it is far away: what it hears and sends is carried there by wire.
struct Tunnel: CoverageAttack {
    private let metres: Int32

    init(metres: Int32) { self.metres = metres }

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let inTown = TownSpot.apart(3, side: 2_000, around: TownSpot(east: 0, north: 0), &random)
        let away = TownSpot.apart(3, side: 2_000, around: TownSpot(east: metres, north: 0), &random)
        return zip(inTown, away).enumerated().map { number, places in
            TownDevice(number: honest.count + number, at: places.0).declaring(places.1)
        }
    }
}
