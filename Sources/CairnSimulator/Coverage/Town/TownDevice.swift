import CairnBase
import CairnRadio

/// One radio of a simulated town: where it is, and where its owner says it is.
struct TownDevice: Sendable {
    /// The radio as it is.
    var station: Station
    /// The place that stands on the chain.
    var declared: Position
    /// The number of the account that registers it.
    var owner: Int
    /// The number of the account that stands behind it.
    var root: Int
    /// The declared network.
    var network: UInt64
    /// Named by genesis as trusted.
    var isAnchor = false
    /// Whether it sends and hears at all. What is not on the air may still be registered.
    var isOnAir = true
    /// The number of the device whose radio sends for it, where that is not its own.
    var antenna: Int?
    /// When its owner registers it, and when he retires it.
    var joins = Epoch(0)
    var leaves: Epoch?

    /// An honest one: its owner has no other, and says where it is.
    init(number: Int, at position: Position) {
        station = Station(eui: UInt64(number + 1), position: position)
        declared = position
        owner = number
        root = number
        network = UInt64(number)
    }

    /// Whether it has been registered and not retired.
    func isThere(in epoch: Epoch) -> Bool { joins <= epoch && leaves.map { epoch < $0 } ?? true }

    /// Says that it stands somewhere else.
    func declaring(_ position: Position) -> TownDevice {
        var device = self
        device.declared = position
        return device
    }
}

/// Metres from the middle of a town.
struct TownSpot: Sendable, Hashable {
    var east: Int32
    var north: Int32

    init(east: Int32, north: Int32) {
        self.east = east
        self.north = north
    }

    /// Near 48.86° north, where towns lie; nil off the map.
    var position: Position? {
        Position(latitude: 488_566_000 + north * 90, longitude: 23_522_000 + east * 136)
    }

    /// So many places in a square, each further from the others than nobody may witness.
    static func apart(_ count: Int, side: UInt64, around centre: TownSpot, _ random: inout SeededRandom) -> [Position] {
        var places: [Position] = []
        for _ in 0..<10_000 where places.count < count {
            let east = centre.east + Int32(random.below(side)) - Int32(side / 2)
            let north = centre.north + Int32(random.below(side)) - Int32(side / 2)
            guard let place = TownSpot(east: east, north: north).position,
                places.allSatisfy({ $0.metres(to: place) > 320 })
            else { continue }
            places.append(place)
        }
        return places
    }
}
