import CairnBase
public import CairnWire

extension CoverageVerdict {
    /// Whether some receipts could give these units: what can be checked without any.
    public func isPossible(in view: CoverageView) -> Bool {
        guard let target = view.member(target), seats.count <= view.rules.seats else { return false }
        let most = Payment(target: target, seats: seats.count, rules: view.rules, silence: .millionPPM)
        guard units <= most.units, !(reasons.contains(.noBeacon) && !seats.isEmpty),
            reasons.contains(.noQuorum) == (!most.hasQuorum && !reasons.contains(.noBeacon))
        else { return false }
        return seats.allSatisfy { seat in
            guard let witness = view.member(seat.witness),
                Eligibility.objections(to: witness, for: target, rules: view.rules).isEmpty
            else { return false }
            let facts = view.facts(target: self.target, witness: seat.witness)
            return most.share(of: witness, target: target, facts: facts) == (seat.units, seat.reasons)
        }
    }
}
