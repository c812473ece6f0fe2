import CairnBase
import CairnWire

/// What a challenge is worth to the beaconer and to each seat: units in parts per million, floored at every step from
/// left to right.
struct Payment {
    let hasQuorum: Bool
    /// The beaconer's.
    let units: UInt32
    /// A seat's, before what is its own.
    private let shared: UInt64
    private let rateMilli: UInt64

    init(target: Member, seats: Int, rules: CoverageRules, silence: UInt64) {
        hasQuorum = seats >= rules.quorum
        rateMilli = max(1, target.rateMilli)
        let beacon = hasQuorum && target.isReciprocal ? CoverageUnits.beacon(witnesses: seats) : 0
        units = UInt32(
            clamping: Self.perRate(beacon.scaled(target.scale).scaled(silence), rateMilli))
        shared = hasQuorum ? CoverageUnits.witness(witnesses: seats).scaled(target.scale) : 0
    }

    func share(of witness: Member, target: Member, facts: PairFacts) -> (units: UInt32, reasons: Reasons) {
        var reasons = Reasons()
        var units = shared.scaled(witness.scale)
        if let microseconds = facts.shortestRoundTrip,
            witness.place.metres(to: target.place) > 100 * UInt64(microseconds)
        {
            reasons.insert(.roundTrip)
            units = units.scaled(500_000)
        }
        if facts.isTooPerfect || witness.isTooPerfect {
            reasons.insert(.tooPerfect)
            units = units.scaled(250_000)
        }
        if facts.ignoresPowerSteps {
            reasons.insert(.powerStep)
            units = units.scaled(250_000)
        }
        if witness.scale < .millionPPM { reasons.insert(.density) }
        if !witness.isReciprocal {
            reasons.insert(.reciprocity)
            units = 0
        }
        if !hasQuorum { reasons.insert(.noQuorum) }
        return (UInt32(clamping: Self.perRate(units, rateMilli)), reasons)
    }

    /// Being asked more often pays no more.
    private static func perRate(_ units: UInt64, _ rateMilli: UInt64) -> UInt64 {
        units.times(1000, over: rateMilli) ?? .max
    }
}

extension UInt64 {
    /// The given share of it, in parts per million; shares are at most one.
    fileprivate func scaled(_ parts: UInt64) -> UInt64 { ppm(Swift.min(parts, .millionPPM)) ?? 0 }
}
