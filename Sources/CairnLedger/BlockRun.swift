import CairnBase
import CairnWire

/// One block while it is being applied.
struct BlockRun<Hash: HashFunction, Base: StateReader> {
    let ledger: Ledger<Hash>
    let context: BlockContext
    var parameters: Parameters
    let epoch: Epoch
    var state: Workspace<Base>

    init(ledger: Ledger<Hash>, context: BlockContext, parameters: Parameters, state: Workspace<Base>) {
        self.ledger = ledger
        self.context = context
        self.parameters = parameters
        self.state = state
        epoch = parameters.epoch(of: context.height)
        invariant(epoch == context.epoch, "block \(context.height) belongs to epoch \(epoch)")
    }

    /// Runs transactions in their order.
    mutating func execute(_ transactions: [Verified<Transaction>]) throws(StateError) -> [Receipt] {
        try state.read(transactions.flatMap(\.value.accountsNamed))
        let ids = Transaction.ids(of: transactions.map(\.value), chain: ledger.chain, using: ledger.hash)
        var receipts: [Receipt] = []
        receipts.reserveCapacity(transactions.count)
        for (transaction, id) in zip(transactions, ids) { receipts.append(try execute(transaction, id)) }
        return receipts
    }

    /// Runs one transaction: takes it or not, and undoes all but fee and nonce if its action fails.
    private mutating func execute(
        _ verified: Verified<Transaction>, _ id: Digest
    ) throws(StateError) -> Receipt {
        let transaction = verified.value
        let refusal = try admit(transaction, signedBy: verified.signer)
        guard refusal == .applied else { return Receipt(transaction: id, outcome: refusal, fee: .zero) }
        state.mark()
        let outcome = try perform(transaction.action, for: transaction.sender)
        if outcome != .applied { state.rollBack() }
        return Receipt(transaction: id, outcome: outcome, fee: transaction.fee)
    }

    /// Checks what is true of every transaction, then takes its fee and uses its nonce.
    private mutating func admit(
        _ transaction: Transaction, signedBy signer: PublicKey
    ) throws(StateError) -> Outcome {
        guard transaction.chainPrefix == ledger.chain.prefix else { return .wrongChain }
        guard context.height <= transaction.expiry else { return .expired }
        let isHolder = transaction.action.ofHolder != nil
        let known = try state.load(.account(transaction.sender))
        guard var sender = known ?? (isHolder ? Account() : nil) else { return .unknownSender }
        guard signer == transaction.key, signer == sender.key(of: transaction.sender, at: context.height) else {
            return .wrongKey
        }
        guard transaction.nonce >= sender.nonce else { return .nonceUsed }
        guard transaction.nonce == sender.nonce else { return .nonceAhead }
        guard transaction.fee >= parameters.amount(.feeMin) else { return .feeTooLow }
        if let (object, _) = transaction.action.ofHolder {
            let refusal = try admitHolder(transaction)
            guard refusal == .applied else { return refusal }
            try payFromDeposit(transaction.fee, of: object)
        } else {
            guard let balance = sender.balance.subtracting(transaction.fee) else { return .feeUnpayable }
            sender.balance = balance
        }
        sender.nonce += 1
        state.store(.account(transaction.sender), sender)
        try credit(context.proposer, transaction.fee)
        return .applied
    }

    private mutating func perform(_ action: Action, for sender: AccountID) throws(StateError) -> Outcome {
        switch action {
        case .transfer(let to, let amount): try transfer(amount, from: sender, to: to)
        case .bond(let amount): try bond(amount, by: sender)
        case .unbond(let amount): try unbond(amount, by: sender)
        case .withdraw: try withdraw(sender)
        case .apply(let candidacy): try apply(candidacy.keys, of: sender)
        case .resign: try resign(sender)
        case .rotate(let key): try rotate(sender, to: key)
        case .accuse(let contradiction): try accuse(contradiction, by: sender)
        case .register(let registration): try register(registration, by: sender)
        case .move(let id, let site): try move(id, to: site, by: sender)
        case .retire(let id): try retire(id, by: sender)
        case .back(let id, let amount): try back(id, with: amount, by: sender)
        case .unback(let id, let amount): try unback(id, by: amount, by: sender)
        case .propose(let change): try propose(change, by: sender)
        case .vote(let number, let isYes): try vote(number, isYes, by: sender)
        case .open(let order): try open(order, by: sender)
        case .topUp(let id, let amount): try topUp(id, with: amount, by: sender)
        case .close(let id): try close(id, by: sender)
        case .hold(let id, let shard): try hold(id, shard, by: sender)
        case .miss(let id, let shard): try miss(id, shard, by: sender)
        case .seal(let claim): try seal(claim, by: sender)
        }
    }
}
