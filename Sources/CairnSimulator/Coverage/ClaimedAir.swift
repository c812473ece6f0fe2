import CairnBase
import CairnRadio
import CairnWitness

/// What radios would hear if they stood where their owners say: the best that a liar can report.
///
/// He runs the same physics for places where he has no radio, with shadows, fading and the beacon's secret power, so
/// that no rule about signals finds anything.
struct ClaimedAir {
    private var air: Air
    private let numbers: [Int]
    private var now = Instant.origin

    /// - Parameter devices: with their numbers in the town.
    init(_ devices: [(number: Int, device: TownDevice)], seed: UInt64) {
        numbers = devices.map(\.number)
        air = Air(
            devices.map { _, device in
                Station(eui: device.station.eui, position: device.declared, gain: device.station.gain)
            }, seed: seed)
    }

    /// Who would have heard a frame, and how. One frame at a time: liars need not disturb each other.
    mutating func hearings(of frame: SendRequest, from device: Int) -> [Hearing] {
        guard let sender = numbers.firstIndex(of: device) else { return [] }
        now = now + .seconds(10)
        var effects: [Air.Effect] = []
        air.handle(.send(frame, by: sender), at: now, into: &effects)
        var hearings: [Hearing] = []
        for case .wake(let number, let time) in effects {
            var received: [Air.Effect] = []
            air.handle(.ended(frame: number), at: time, into: &received)
            for case .received(let reception, let place) in received {
                hearings.append(Hearing(reception, by: numbers[place]))
            }
        }
        return hearings
    }
}
