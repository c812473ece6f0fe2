import CairnBase

/// Bonds: tokens move from the balance to the stake at once, and back only after the delay in which they can still be
/// taken for what their validator did.
extension BlockRun {
    mutating func bond(_ amount: Amount, by owner: AccountID) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard try debit(owner, amount) else { return .insufficientBalance }
        var stake = try state.load(.stake(owner)) ?? Stake()
        stake.bonded = stake.bonded.plus(amount)
        try keep(&stake, of: owner)
        return .applied
    }

    mutating func unbond(_ amount: Amount, by owner: AccountID) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard var stake = try state.load(.stake(owner)), let rest = stake.bonded.subtracting(amount) else {
            return .bondTooSmall
        }
        let isCandidate = try state.load(.validator(owner))?.isCandidate ?? false
        guard !isCandidate || rest >= parameters.amount(.candidateBondMin) else { return .bondBelowMinimum }
        guard stake.unbond(amount, release: releaseHeight) else { return .tooManyUnbondings }
        try keep(&stake, of: owner)
        return .applied
    }

    /// Stores a stake whose bond may have changed, and notes the change for votes.
    mutating func keep(_ stake: inout Stake, of owner: AccountID) throws(StateError) {
        let period = parameters.period(of: epoch)
        var all = try state.require(.bonded)
        all.set(all.now.minus(stake.history.now).plus(stake.bonded), in: period)
        stake.history.set(stake.bonded, in: period)
        state.store(.bonded, all)
        state.store(.stake(owner), stake)
    }

    /// Committees are fixed two epochs ahead, so stake leaves its last one when the epoch after the next begins; the
    /// delay counts from there.
    var releaseHeight: Height {
        let left = parameters.firstHeight(of: epoch.advanced(by: 2))
        return parameters.height(parameters[.unbondingPeriods], periodsAfter: left)
    }

    mutating func withdraw(_ owner: AccountID) throws(StateError) -> Outcome {
        guard var stake = try state.load(.stake(owner)) else { return .nothingToWithdraw }
        let free = stake.withdraw(at: context.height)
        guard free > .zero else { return .nothingToWithdraw }
        if stake == Stake() { state.remove(.stake(owner)) } else { state.store(.stake(owner), stake) }
        try credit(owner, free)
        return .applied
    }
}
