import CairnBase
import CairnRadio
import CairnWitness

/// Real radios that answer every challenge with the bytes of an older one, on the air and in their receipts.
struct Replay: CoverageAttack {
    private var old: [UInt8]?

    init() {}

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(3, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    mutating func send(_ frame: SendRequest, by device: Int, in town: TownGlimpse) -> SendRequest? {
        guard let old else { return nil }
        return SendRequest(
            payload: frame.payload.prefix(8) + old, frequency: frame.frequency, spreading: frame.spreading,
            bandwidth: frame.bandwidth, power: frame.power)
    }

    mutating func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        guard let old else {
            old = Array(reception.payload.dropFirst(8))
            return []
        }
        var repeated = reception
        repeated.payload = reception.payload.prefix(8) + old
        return [Hearing(repeated, by: device)]
    }
}
