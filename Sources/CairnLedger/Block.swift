public import CairnBase
public import CairnWire

/// What consensus says about a block, as far as the ledger needs it.
public struct BlockContext: Sendable, Equatable {
    public let height: Height
    public let epoch: Epoch
    /// The account of the validator that proposed it; fees are paid to it.
    public let proposer: AccountID
    /// Milliseconds since 1970, as the block states it. Rules count heights; this is for people.
    public let time: UInt64
    public let parent: Digest
    /// The accounts of the leaders whose views were skipped since the parent, one entry per view.
    public let missed: [AccountID]
    /// R of this height, which nobody knew before its proposer spoke.
    public let randomness: Digest

    public init(
        height: Height, epoch: Epoch, proposer: AccountID, time: UInt64, parent: Digest, missed: [AccountID] = [],
        randomness: Digest = .zero
    ) {
        self.height = height
        self.epoch = epoch
        self.proposer = proposer
        self.time = time
        self.parent = parent
        self.missed = missed
        self.randomness = randomness
    }
}

/// The ledger's whole input for one height.
public struct LedgerBlock: Sendable {
    public let context: BlockContext
    public let transactions: [Verified<Transaction>]
    /// Contribution proofs that passed the voting rule; nothing here looks at receipts again.
    public let verdicts: [Verdict]

    public init(context: BlockContext, transactions: [Verified<Transaction>], verdicts: [Verdict] = []) {
        self.context = context
        self.transactions = transactions
        self.verdicts = verdicts
    }
}

/// Everything one block does: what to answer, what to write, and the state root afterwards.
public struct BlockOutcome: Sendable, Equatable {
    /// One per transaction, in the order they ran.
    public let receipts: [Receipt]
    /// One per verdict, in the order of the block.
    public let verdicts: [Judgement]
    /// In key order.
    public let changes: [StateChange]
    public let tree: TreeUpdate

    public init(
        receipts: [Receipt], verdicts: [Judgement] = [], changes: [StateChange], tree: TreeUpdate
    ) {
        self.receipts = receipts
        self.verdicts = verdicts
        self.changes = changes
        self.tree = tree
    }

    public var root: Digest { tree.root }
}
