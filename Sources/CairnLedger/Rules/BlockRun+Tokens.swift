import CairnBase

/// How tokens move between records. Every rule goes through these, so that none is made or lost.
extension BlockRun {
    /// Adds to an account, opening it if nobody has yet.
    mutating func credit(_ id: AccountID, _ amount: Amount) throws(StateError) {
        guard amount > .zero else { return }
        var account = try state.load(.account(id)) ?? Account()
        account.balance = account.balance.plus(amount)
        state.store(.account(id), account)
    }

    /// Takes from an account if it has that much.
    mutating func debit(_ id: AccountID, _ amount: Amount) throws(StateError) -> Bool {
        guard var account = try state.load(.account(id)), let balance = account.balance.subtracting(amount) else {
            return false
        }
        account.balance = balance
        state.store(.account(id), account)
        return true
    }
}

extension BlockRun {
    mutating func transfer(
        _ amount: Amount, from sender: AccountID, to receiver: AccountID
    ) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard receiver != sender else { return .selfTransfer }
        guard try debit(sender, amount) else { return .insufficientBalance }
        try credit(receiver, amount)
        return .applied
    }

    /// Destroys what was already taken from somewhere.
    mutating func burn(_ amount: Amount) throws(StateError) {
        guard amount > .zero else { return }
        var supply = try state.require(.supply)
        supply.burned = supply.burned.plus(amount)
        supply.burnedNow = Amount(units: supply.burnedNow).plus(amount).units
        state.store(.supply, supply)
    }
}

extension Amount {
    /// The sum of two amounts that exist on the chain. All of them together are the cap, far below 2^64, so a sum that
    /// does not fit means that the books are already wrong.
    func plus(_ other: Amount) -> Amount {
        guard let sum = adding(other) else { fatalError("invariant broken: \(self) + \(other) exceeds the cap") }
        return sum
    }

    /// The difference of two amounts of which the second was taken out of the first.
    func minus(_ other: Amount) -> Amount {
        guard let rest = subtracting(other) else { fatalError("invariant broken: \(self) - \(other) is below zero") }
        return rest
    }
}
