public import CairnBase
import CairnWire

/// The state machine of the chain: a function from a state and a block to receipts and changes.
///
/// It keeps nothing between blocks, reads no clock and trusts nobody: the same block over the same state gives the
/// same root on every machine. A transaction that breaks a rule gets a reason and changes nothing but its fee and
/// nonce; only unreadable state makes `apply` throw.
public struct Ledger<Hash: HashFunction>: Sendable {
    public let chain: ChainID
    let hash: Hash
    let tree: StateTree<Hash>
    let verifiers: Verifiers

    public init(chain: ChainID, hash: Hash, verifiers: Verifiers = .standard) {
        self.chain = chain
        self.hash = hash
        tree = StateTree(hash)
        self.verifiers = verifiers
    }

    public func apply<State: StateReader>(
        _ block: LedgerBlock, to state: State
    ) throws(StateError) -> BlockOutcome {
        var run = BlockRun(
            ledger: self, context: block.context, parameters: try required(.parameters, in: state),
            state: Workspace(over: state))
        try run.begin()
        let receipts = try run.execute(
            inInclusionOrder(block.transactions, after: block.context.parent, using: hash))
        let verdicts = try run.adopt(block.verdicts)
        try run.end()
        return try conclude(run.state, over: state, receipts: receipts, verdicts: verdicts)
    }

    /// Turns what a workspace holds into changes and the tree over them.
    func conclude<State: StateReader>(
        _ workspace: Workspace<State>, over state: State, receipts: [Receipt], verdicts: [Judgement] = []
    ) throws(StateError) -> BlockOutcome {
        var workspace = workspace
        let changes = try workspace.changes()
        return BlockOutcome(
            receipts: receipts, verdicts: verdicts, changes: changes, tree: try tree.apply(changes, to: state))
    }

    /// Where in a row of free space the holder of a shard is drawn.
    func placement(_ randomness: Digest, _ ordered: Height, _ object: Digest, _ attempt: UInt32) -> UInt64 {
        var writer = ByteWriter(capacity: 76)
        writer.identifier(randomness)
        writer.ordinal(ordered)
        writer.identifier(object)
        writer.u32(attempt)
        return hash.digest(Tags.placement, writer.bytes).raw.low64
    }

    func required<Value: Record>(
        _ key: RecordKey<Value>, in state: some StateReader
    ) throws(StateError) -> Value {
        guard let value = try state.load(key) else { throw .damaged(key.key) }
        return value
    }
}
