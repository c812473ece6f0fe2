import CairnBase
import CairnWire

/// The witnesses of one case, seated: whose receipts contradict the arrival times of the others, who was drawn.
struct Bench {
    /// Ascending.
    private(set) var seats: [UInt32] = []
    /// Those without a seat, and why.
    private(set) var reports = OrderedMap<UInt32, Reasons>()

    init(
        _ challenge: ChallengeCase, in view: CoverageView, randomness: Digest, using hash: some HashFunction
    ) {
        guard challenge.beacon != nil, let target = view.member(challenge.target) else { return }
        let late = Self.contradictedByTime(challenge, target, view)
        var candidates: [Selection.Candidate] = []
        for (index, _) in challenge.reveals {
            guard let member = view.member(index) else { continue }
            if late.contains(index) {
                reports[index] = Reasons(.time)
                continue
            }
            let draw = Draw.seat(
                member.id, in: challenge.id, at: challenge.height, randomness: randomness, using: hash)
            candidates.append(Selection.Candidate(index: index, member: member, draw: draw))
        }
        let result = Selection.seats(candidates, most: view.rules.seats)
        seats = result.seats
        for index in result.doubles { reports[index] = Reasons(.duplicate) }
        for index in result.spare { reports[index] = Reasons(.notDrawn) }
    }

    private static func contradictedByTime(
        _ challenge: ChallengeCase, _ target: Member, _ view: CoverageView
    ) -> OrderedSet<UInt32> {
        var indices: [UInt32] = []
        var stamps: [ArrivalTimes.Stamp] = []
        for (index, reveal) in challenge.reveals {
            guard let fine = reveal.receipt.fineTime, let member = view.member(index) else { continue }
            indices.append(index)
            stamps.append(ArrivalTimes.Stamp(nanoseconds: fine, metres: member.place.metres(to: target.place)))
        }
        return OrderedSet(zip(indices, ArrivalTimes.contradicted(stamps)).filter(\.1).map(\.0))
    }

    /// How many of the seats are trusted by themselves: not by leave of whoever owns the challenged one.
    func independent(of target: UInt32, in view: CoverageView) -> Int {
        seats.count { index in
            view.member(index)?.isTrusted == true && !view.leans(index, on: target)
        }
    }
}
