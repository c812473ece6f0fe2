import CairnBase
import CairnRadio
import CairnWitness

/// Sixty names without radios that swear to every beacon, with bytes they make up: to fill the validators' memory with
/// commits and the seats with strangers.
struct StuffedReveals: CoverageAttack {
    private static let count = 60
    private var random = SeededRandom(seed: 0)

    init() {}

    mutating func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        self.random = random.fork("bytes")
        return (0..<Self.count).compactMap { number in
            let spot = TownSpot(east: Int32(random.below(4_000)) - 2_000, north: Int32(random.below(4_000)) - 2_000)
            return spot.position.map { place in
                var name = TownDevice(number: honest.count + number, at: place)
                name.isOnAir = false
                return name
            }
        }
    }

    mutating func invent(at height: Height, in town: TownGlimpse) -> [Hearing] {
        guard !town.challenged.isEmpty else { return [] }
        let first = town.devices.count - Self.count
        return (0..<Self.count).map { number in
            let body = (8..<Beacon.payloadCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            return Hearing(.invented(body: body, at: height, spreading: 7 + UInt8(random.below(3))), by: first + number)
        }
    }
}

extension Reception {
    /// A beacon of a height with somebody's own bytes, as a good radio would report it.
    static func invented(body: [UInt8], at height: Height, spreading: UInt8) -> Reception {
        let number = UInt32(truncatingIfNeeded: height.number)
        let head =
            [Beacon.frameType, Beacon.version, 1, 0] + (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        return Reception(
            payload: head + body, frequency: Region.eu868.channels[0], spreading: spreading, bandwidth: 0,
            strength: -1_050, signalStrength: nil, signalToNoise: 80, counter: 0, fineTime: nil)
    }
}
