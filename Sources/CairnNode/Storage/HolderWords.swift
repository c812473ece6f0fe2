public import CairnBase
public import CairnLedger

/// What a holder has to say on the chain, one after the other: each needs the number after the one before.
public struct HolderWords: Sendable {
    /// In so many blocks a word must be in one; the next time it is said anew.
    private static let expiry: UInt64 = 10
    private static let statementsMax = 256

    private let chain: ChainID
    private let account: AccountID
    private var statements: [Action] = []
    private var isSaying = false
    public private(set) var said: UInt64 = 0
    public private(set) var unsaid: UInt64 = 0

    /// - Parameter node: whose key is that of the device.
    public init(of node: NodeID, on chain: ChainID) {
        account = AccountID(node.key)
        self.chain = chain
    }

    public mutating func add(_ action: Action) {
        guard statements.count < Self.statementsMax else { return unsaid += 1 }
        statements.append(action)
    }

    /// What is to be signed and offered next; nothing while the last one is not answered.
    public mutating func next<Hash: HashFunction>(
        by view: HolderView?, _ core: NodeCore<Hash>
    ) -> Transaction.Body? {
        guard !isSaying, let view, !statements.isEmpty else { return nil }
        isSaying = true
        return Transaction.Body(
            chain: chain, sender: account, nonce: core.pool.nextNonce(of: account, from: view.nonce), fee: view.fee,
            expiry: core.executed.advanced(by: Self.expiry), action: statements.removeFirst())
    }

    public mutating func answered(isAccepted: Bool) {
        if isAccepted { said += 1 } else { unsaid += 1 }
        isSaying = false
    }
}
