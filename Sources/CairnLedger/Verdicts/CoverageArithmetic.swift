import CairnBase
public import CairnWire

/// How the units of a coverage verdict follow from its seats and the frozen set.
public struct CoverageArithmetic {
    private let rules: ProfileRules

    public init(rules: ProfileRules) {
        self.rules = rules
    }

    /// Whether every number and every reason that numbers decide is as it must be.
    func holds(for verdict: CoverageVerdict, in frozen: any FrozenSet) throws(StateError) -> Bool {
        guard verdict.kind == rules.challenge, UInt64(verdict.seats.count) <= rules["seats"],
            let target = try frozen.resource(at: verdict.target),
            verdict.reasons.contains(.notIndependent) == verdict.reasons.contains(.island)
        else { return false }
        let isQuorate = UInt64(verdict.seats.count) >= rules["quorum"]
        if verdict.reasons.contains(.noBeacon) { return verdict.seats.isEmpty && verdict.units == 0 }
        guard verdict.reasons.contains(.noQuorum) == !isQuorate else { return false }
        let silence = try Self.silence(of: verdict.neighbours, around: target, in: frozen)
        guard verdict.reasons.contains(.silent) == (silence < .millionPPM) else { return false }
        let earns = isQuorate && target.has(.isReciprocal)
        guard verdict.reasons.contains(.reciprocity) == !target.has(.isReciprocal) else { return false }
        let witnesses = verdict.seats.count
        guard UInt64(verdict.units) == (earns ? Self.beacon(target, witnesses, silence) : 0) else { return false }
        for seat in verdict.seats {
            guard let witness = try frozen.resource(at: seat.witness),
                seat.reasons.contains(.reciprocity) == !witness.has(.isReciprocal)
            else { return false }
            let paid = isQuorate && witness.has(.isReciprocal) && rules.witnessPPM == 0
            let units = paid ? Self.witness(witness, of: target, witnesses, seat.reasons) : 0
            guard UInt64(seat.units) == units else { return false }
        }
        return true
    }

    /// What the beaconer earns, every step rounded down from left to right.
    public static func beacon(_ target: FrozenResource, _ witnesses: Int, _ silence: UInt64) -> UInt64 {
        CoverageUnits.beacon(witnesses: witnesses).part(UInt64(target.scale)).part(silence)
            .perChallenge(at: target.rate)
    }

    /// What one witness earns. The density of its own place counts too, or twenty gateways on one roof would each
    /// witness for a full unit.
    public static func witness(
        _ witness: FrozenResource, of target: FrozenResource, _ witnesses: Int, _ reasons: Reasons
    ) -> UInt64 {
        var units = CoverageUnits.witness(witnesses: witnesses).part(UInt64(target.scale)).part(UInt64(witness.scale))
        if reasons.contains(.roundTrip) { units = units.part(500_000) }
        if reasons.contains(.tooPerfect) { units = units.part(250_000) }
        if reasons.contains(.powerStep) { units = units.part(250_000) }
        return units.perChallenge(at: target.rate)
    }

    /// What is left when neighbours that nearly always hear the beaconer did not: the tunnelled beacon's mark. What they
    /// missed before is granted, and one case more.
    public static func silence(
        of heard: UInt64, around target: FrozenResource, in frozen: any FrozenSet
    ) throws(StateError) -> UInt64 {
        var (silent, excused) = (UInt64(0), UInt64(0))
        for (bit, neighbour) in target.neighbours.enumerated() {
            let times = neighbour.heard.nonzeroBitCount
            guard times >= FrozenResource.heardOften,
                let other = try frozen.resource(at: neighbour.place), other.has(.isClassA)
            else { continue }
            silent += heard >> UInt64(bit) & 1 == 0 ? 1 : 0
            excused += UInt64(FrozenResource.heardBits - times)
        }
        let counted = 20 * silent
        let granted = 2 * excused + 20
        return UInt64.millionPPM - min(.millionPPM, 2500 * (counted > granted ? counted - granted : 0))
    }
}

extension UInt64 {
    /// Rounded down; parts of a million.
    func part(_ parts: UInt64) -> UInt64 { ppm(parts) ?? 0 }

    /// Who is asked more often earns less each time.
    fileprivate func perChallenge(at rate: UInt32) -> UInt64 { times(1000, over: UInt64(rate)) ?? 0 }
}
