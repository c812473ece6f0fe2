import CairnBase
import CairnRadio
import CairnWitness

/// Real radios that answer every challenge with the bytes of an older one, on the air and in their receipts.
struct Replay: CoverageAttack {
    /// The payload that is repeated.
    private var old: [UInt8]?
    private var oldTail: [UInt8] { Array((old ?? []).dropFirst(Self.head)) }
    /// Profile and height, which anybody can write anew.
    private static let head = 8

    init() {}

    func devices(beside honest: [TownDevice], _ random: inout SeededRandom) -> [TownDevice] {
        TownSpot.apart(3, side: 3_000, around: TownSpot(east: 0, north: 0), &random).enumerated().map {
            TownDevice(number: honest.count + $0.offset, at: $0.element)
        }
    }

    mutating func send(_ frame: SendRequest, by device: Int, in town: TownGlimpse) -> SendRequest? {
        guard old != nil else { return nil }
        return SendRequest(
            payload: Array(frame.payload.prefix(Self.head)) + oldTail, frequency: frame.frequency,
            spreading: frame.spreading,
            bandwidth: frame.bandwidth, power: frame.power)
    }

    mutating func hear(_ reception: Reception, by device: Int, in town: TownGlimpse) -> [Hearing] {
        guard let old else {
            old = Array(reception.payload)
            return []
        }
        // To those that hear the very beacon it is not an old one.
        guard Array(reception.payload.prefix(Self.head)) != Array(old.prefix(Self.head)) else { return [] }
        var repeated = reception
        repeated.payload = Array(reception.payload.prefix(Self.head)) + oldTail
        return [Hearing(repeated, by: device)]
    }
}
