import CairnBase
public import CairnWire

/// What the seats of an epoch's verdicts are worth at settlement: the k-th time a pair meets pays 1, ½, ¼, then
/// nothing. Verdicts come in their order, by height and target.
public struct PairUses: Sendable {
    private var uses = OrderedMap<Pair, Int>()

    public init() {}

    /// The units each seat keeps, and the reason where it keeps none for having met too often.
    public mutating func settle(_ verdict: CoverageVerdict) -> [(witness: UInt32, units: UInt64, reasons: Reasons)] {
        verdict.seats.map { seat in
            let use = (uses[Pair(target: verdict.target, witness: seat.witness)] ?? 0) + 1
            uses[Pair(target: verdict.target, witness: seat.witness)] = use
            let worth = CoverageUnits.repeated(use)
            return (
                seat.witness, UInt64(seat.units).ppm(worth) ?? 0,
                worth == 0 ? seat.reasons.union(Reasons(.pairCap)) : seat.reasons
            )
        }
    }
}
