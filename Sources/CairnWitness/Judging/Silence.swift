import CairnBase

/// A beacon that its regular hearers did not hear was perhaps not sent where it was said to be.
public enum Silence {
    /// What remains of the beaconer's units, in parts per million. Hearers that often miss it explain some silence.
    public static func factor(target: Member, in view: CoverageView, heard: (UInt32) -> Bool) -> UInt64 {
        let regular = target.neighbours.filter { $0.isRegular && view.member($0.index)?.isTrusted == true }
        let silent = UInt64(regular.count { !heard($0.index) })
        let missed = regular.reduce(UInt64(0)) { $0 + UInt64(Neighbour.chances) - $1.times }
        let expected = 2 * missed + 20
        let excess = 20 * silent > expected ? 20 * silent - expected : 0
        return .millionPPM - min(.millionPPM, 2_500 * excess)
    }

    /// Bit i says whether the i-th of the neighbours gave a valid receipt.
    public static func bitmap(target: Member, heard: (UInt32) -> Bool) -> UInt64 {
        target.neighbours.prefix(64).enumerated().reduce(0) {
            $0 | (heard($1.element.index) ? 1 << UInt64($1.offset) : 0)
        }
    }
}
