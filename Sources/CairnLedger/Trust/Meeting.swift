import CairnBase
import CairnWire

/// Two live resources of which one took seats in the other's verdicts, by their places among the live ones.
struct Meeting {
    let target: Int
    let witness: Int
    /// Whether the witness heard each of the target's last beacons, newest first from bit 0.
    let heard: UInt32
    let history: PairHistory
}

extension BlockRun {
    /// By target, then by the witness's number.
    mutating func meetings(among members: [LiveResource]) throws(StateError) -> [Meeting] {
        var places = OrderedMap<UInt32, Int>()
        for (place, member) in members.enumerated() { places[member.resource.index] = place }
        var meetings: [Meeting] = []
        for (target, member) in members.enumerated() {
            let number = member.resource.index
            for neighbour in try state.load(.neighbourhood(number))?.members ?? [] {
                guard let witness = places[neighbour.number] else { continue }
                let history = try state.load(.pair(of: number, and: neighbour.number)) ?? PairHistory()
                meetings.append(
                    Meeting(target: target, witness: witness, heard: neighbour.heard, history: history))
            }
        }
        return meetings
    }
}
