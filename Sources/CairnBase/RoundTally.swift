/// What the walks of one round amount to.
public enum RoundOutcome: Sendable, Hashable {
    case passed
    /// Three other witnesses ask for the same places before anything is held against the provider.
    case contained
    case failed
    /// Too little was heard to say anything.
    case void
}

public enum RoundTally {
    public static let witnesses = 7
    public static let askedAgain = 3

    /// The first round: five good walks pass, four do when at most one is bad; three bad ones contain it.
    ///
    /// A full check that stayed unanswered, or was wrong, contains the round at once, whatever the others say: a provider
    /// could otherwise leave a few units unsealed for ever, and refuse to show them or not. A drawn witness without a receipt counts for
    /// nothing here.
    public static func outcome(_ results: [WalkResult]) -> RoundOutcome {
        if results.contains(.fullCheckUnanswered) || results.contains(.fullCheckWrong) { return .contained }
        let good = results.count { $0 == .good }
        let bad = results.count - good
        if good >= 5 || (good == 4 && bad <= 1) { return .passed }
        return bad >= 3 ? .contained : .void
    }

    /// The second asking of a contained round: two bad of three.
    public static func outcomeOfSecondAsking(_ results: [WalkResult]) -> RoundOutcome {
        results.count { $0 != .good } >= 2 ? .failed : .void
    }
}
