import CairnBase
import CairnWire

/// One block while it is being applied.
struct BlockRun<Hash: HashFunction, Base: StateReader> {
    let ledger: Ledger<Hash>
    let context: BlockContext
    let parameters: Parameters
    var state: Workspace<Base>

    /// Runs one transaction: takes it or not, and undoes all but fee and nonce if its action fails.
    mutating func execute(_ transaction: Transaction) throws(StateError) -> Receipt {
        let id = transaction.id(chain: ledger.chain, using: ledger.hash)
        let refusal = try admit(transaction)
        guard refusal == .applied else { return Receipt(transaction: id, outcome: refusal, fee: .zero) }
        let mark = state.mark()
        let outcome = try perform(transaction.action, for: transaction.sender)
        if outcome != .applied { state.rollBack(to: mark) }
        return Receipt(transaction: id, outcome: outcome, fee: transaction.fee)
    }

    /// Checks what is true of every transaction, then takes its fee and uses its nonce.
    private mutating func admit(_ transaction: Transaction) throws(StateError) -> Outcome {
        guard transaction.chainPrefix == ledger.chain.prefix else { return .wrongChain }
        guard context.height <= transaction.expiry else { return .expired }
        guard var sender = try state.load(.account(transaction.sender)) else { return .unknownSender }
        guard transaction.key == sender.key(of: transaction.sender, at: context.height) else { return .wrongKey }
        guard transaction.nonce >= sender.nonce else { return .nonceUsed }
        guard transaction.nonce == sender.nonce else { return .nonceAhead }
        guard transaction.fee >= parameters.amount(.feeMin) else { return .feeTooLow }
        guard let balance = sender.balance.subtracting(transaction.fee) else { return .feeUnpayable }
        sender.balance = balance
        sender.nonce += 1
        state.store(.account(transaction.sender), sender)
        try credit(context.proposer, transaction.fee)
        return .applied
    }

    private mutating func perform(_ action: Action, for sender: AccountID) throws(StateError) -> Outcome {
        switch action {
        case .transfer(let to, let amount): try transfer(amount, from: sender, to: to)
        }
    }

    private mutating func transfer(
        _ amount: Amount, from sender: AccountID, to receiver: AccountID
    ) throws(StateError) -> Outcome {
        guard amount > .zero else { return .zeroAmount }
        guard receiver != sender else { return .selfTransfer }
        guard try debit(sender, amount) else { return .insufficientBalance }
        try credit(receiver, amount)
        return .applied
    }
}

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
