public import CairnBase
public import CairnLedger
public import CairnWire

/// What the newest executed state says of a transaction's sender.
public struct SenderState: Sendable {
    public let account: Account?
    /// The least that a block takes for a transaction.
    public let feeMin: Amount
    /// Whether its key is that of a registered device, which may be a holder.
    public let isDevice: Bool

    public init(account: Account?, feeMin: Amount, isDevice: Bool = false) {
        self.account = account
        self.feeMin = feeMin
        self.isDevice = isDevice
    }

    /// Of the sender of a transaction.
    public init(of transaction: Transaction, in state: some StateReader) throws(StateError) {
        account = try state.load(RecordKey<Account>.account(transaction.sender))
        feeMin = try state.load(RecordKey<Parameters>.parameters)?.amount(.feeMin) ?? .zero
        let isOfHolder = transaction.action.isOfHolder
        let device = isOfHolder ? try state.load(RecordKey<ResourceName>.device(transaction.sender.key)) : nil
        isDevice = device != nil
    }

    /// What its next transaction must carry.
    public var nonce: UInt64 { account?.nonce ?? 0 }

    /// Why the next block would refuse a transaction, whatever else stands in it. What a block refuses pays nothing and
    /// fills it all the same, so it must not wait here.
    public func objection(to transaction: Verified<Transaction>, after head: Height) -> TransactionPool.Answer? {
        let value = transaction.value
        let isOfHolder = value.action.isOfHolder
        guard let account = isOfHolder ? (isDevice ? account ?? Account() : nil) : account else {
            return .unknownSender
        }
        let key = account.key(of: value.sender, at: head.next)
        guard value.key == key, transaction.signer == key else { return .wrongKey }
        guard value.fee >= feeMin else { return .feeTooLow }
        // Out of the object's deposit no more than the least is paid.
        return isOfHolder ? (value.fee == feeMin ? nil : .unpayable) : account.balance >= value.fee ? nil : .unpayable
    }

    /// Whether the account can pay so much in fees. Those of a device are the object's, which the block looks at.
    func canPay(_ fees: Amount, for action: Action) -> Bool {
        action.isOfHolder || account.map { $0.balance >= fees } ?? false
    }
}
