import CairnBase
public import CairnWire

/// Whether one gateway may witness another: near enough to hear it, and nobody's own.
public enum Eligibility {
    /// What stands against it; nothing, if it may.
    public static func objections(to witness: Member, for target: Member, rules: CoverageRules) -> Reasons {
        objections(to: witness, for: target, metres: witness.place.metres(to: target.place), rules: rules)
    }

    static func objections(
        to witness: Member, for target: Member, metres: UInt64, rules: CoverageRules
    ) -> Reasons {
        var reasons = Reasons()
        if witness.id == target.id || witness.controller == target.controller || witness.stakeRoot == target.stakeRoot {
            reasons.insert(.oneself)
        }
        if witness.region != target.region { reasons.insert(.region) }
        if witness.network == target.network { reasons.insert(.sameNetwork) }
        if metres < rules.nearest { reasons.insert(.tooNear) }
        if metres > rules.farthest { reasons.insert(.tooFar) }
        return reasons
    }
}
