import CairnBase
import CairnRadio

/// One gateway that takes a new name, owner and key every twenty epochs: whatever was known of it is forgotten.
struct Reregistration: CoverageAttack {
    private static let names = 3
    private static let epochs: UInt64 = 20

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        let places = TownSpot.apart(1, side: 3_000, around: TownSpot(east: 0, north: 0), &random)
        return (0..<Self.names).flatMap { name in
            places.map { place in
                var device = TownDevice(number: honest.count + name, at: place)
                device.joins = Epoch(UInt64(name) * Self.epochs)
                device.leaves = Epoch(UInt64(name + 1) * Self.epochs)
                return device
            }
        }
    }
}
