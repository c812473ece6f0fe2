public import CairnBase
public import CairnLedger
public import CairnWire

/// What the newest executed state says of a transaction's sender.
public struct SenderState: Sendable {
    public let account: Account?
    /// The least that a block takes for a transaction.
    public let feeMin: Amount
    /// What the next block would answer if it is a holder that speaks.
    public let holder: Outcome

    public init(account: Account?, feeMin: Amount, holder: Outcome = .applied) {
        self.account = account
        self.feeMin = feeMin
        self.holder = holder
    }

    /// What its next transaction must carry.
    public var nonce: UInt64 { account?.nonce ?? 0 }

    /// Why the next block would refuse a transaction, whatever else stands in it. What a block refuses pays nothing and
    /// fills it all the same, so it must not wait here.
    public func objection(to transaction: Verified<Transaction>, after head: Height) -> TransactionPool.Answer? {
        let value = transaction.value
        let isOfHolder = value.action.isOfHolder
        guard let account = account ?? (isOfHolder ? Account() : nil) else { return .unknownSender }
        let key = account.key(of: value.sender, at: head.next)
        guard value.key == key, transaction.signer == key else { return .wrongKey }
        guard value.fee >= feeMin else { return .feeTooLow }
        guard isOfHolder else { return account.balance >= value.fee ? nil : .unpayable }
        return switch holder {
        case .applied: nil
        case .nothingNew: .nothingNew
        case .feeUnpayable: .unpayable
        default: .notAHolder
        }
    }

    /// Whether the account can pay so much in fees. Those of a device are the object's, which the block looks at.
    func canPay(_ fees: Amount, for action: Action) -> Bool {
        action.isOfHolder || account.map { $0.balance >= fees } ?? false
    }
}
