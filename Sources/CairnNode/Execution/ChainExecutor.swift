public import CairnBase
public import CairnConsensus
public import CairnLedger
public import CairnWire

/// Where the executor finds what is already durable: the newest state, and the headers of executed blocks.
public protocol ExecutedChain {
    associatedtype State: StateReader
    var state: State { get }
    /// The header of an executed block; nil above the newest and below the first.
    func header(at height: Height) throws(StateError) -> Header?
    /// The root of the state after an executed block, or after genesis; nil where it is not known here.
    func root(at height: Height) throws(StateError) -> Digest?
}

/// Turns a final block into what the ledger makes of it, and the end of an epoch into the plan of the next.
///
/// It keeps nothing: everything it needs is in the executed chain, so a node that restarts comes to the same plan.
public struct ChainExecutor<Hash: HashFunction>: Sendable {
    public let chain: ChainID
    let hash: Hash
    let ledger: Ledger<Hash>
    /// Milliseconds since 1970 at which the network was born: the time of genesis.
    let genesisTime: UInt64

    public init(chain: ChainID, genesisTime: UInt64, hash: Hash) {
        self.chain = chain
        self.hash = hash
        self.genesisTime = genesisTime
        ledger = Ledger(chain: chain, hash: hash)
    }

    /// Applies a block to the state before it. The transactions' signatures have been checked.
    public func execute(
        _ header: Header, _ transactions: [Verified<Transaction>], _ verdicts: [Verdict] = [],
        on executed: some ExecutedChain
    ) throws(StateError) -> Execution {
        let seats = try committee(of: header.epoch, in: executed.state)
        let leader = Int(header.leader.number)
        invariant(leader < seats.members.count, "a final block was led by a member of its epoch's committee")
        let context = BlockContext(
            height: header.height, epoch: header.epoch, proposer: seats.members[leader].account, time: header.time,
            parent: header.parent,
            missed: try missedLeaders(before: header, seats, executed),
            randomness: header.randomness.next(using: hash))
        let outcome = try ledger.apply(
            LedgerBlock(context: context, transactions: transactions, verdicts: verdicts), to: executed.state)
        // Between every two states of a debug build; of a release build where an operator asks for it.
        assert((try? findings(in: outcome, at: header.height, on: executed)) == [])
        return Execution(context: context, outcome: outcome, nonces: nonces(in: outcome, of: transactions))
    }

    private func findings(
        in outcome: BlockOutcome, at height: Height, on executed: some ExecutedChain
    ) throws(StateError) -> [AuditFinding] {
        let parameters = try require(.parameters, in: executed.state)
        let opensEpoch = height == parameters.firstHeight(of: parameters.epoch(of: height))
        return try auditStep(outcome.changes, from: executed.state, opensEpoch: opensEpoch)
    }

    /// What the newest executed state says of whoever hands a transaction in.
    public func sender(
        of transaction: Transaction, after height: Height, in state: some StateReader
    ) throws(StateError) -> SenderState {
        let isOfHolder = transaction.action.isOfHolder
        return SenderState(
            account: try state.load(RecordKey<Account>.account(transaction.sender)),
            feeMin: try require(.parameters, in: state).amount(.feeMin),
            holder: isOfHolder ? try ledger.answer(toHolder: transaction, at: height.next, in: state) : .applied)
    }

    /// The plan of the epoch that the next block belongs to, once everything up to the newest block is executed.
    public func plan(after height: Height, on executed: some ExecutedChain) throws(StateError) -> EpochPlan {
        let parameters = try require(.parameters, in: executed.state)
        let length = parameters[.epochBlocks]
        let epoch = Epoch(height.number / length)
        let anchorHeight = Height(epoch.number * length)
        return EpochPlan(
            epoch: epoch, committee: try consensusCommittee(of: epoch, in: executed.state),
            nextCommittee: try consensusCommittee(of: epoch.next, in: executed.state).hash(using: hash),
            startState: try startState(of: anchorHeight, upTo: height, executed),
            middle: try middle(of: epoch, length, executed), anchor: try anchor(at: anchorHeight, executed))
    }

    /// How an epoch whose last block is proven hands over to the next, by the state before or after that block.
    public func handoff(of last: FinalityProof, on executed: some ExecutedChain) throws(StateError) -> Handoff {
        let epoch = last.header.epoch
        return Handoff(
            last: last,
            change: CommitteeChange(
                from: try consensusCommittee(of: epoch, in: executed.state),
                to: try consensusCommittee(of: epoch.next, in: executed.state)))
    }

    /// Whether a block is the last of its epoch.
    public func isLast(_ height: Height, on executed: some ExecutedChain) throws(StateError) -> Bool {
        height.number.isMultiple(of: try require(.parameters, in: executed.state)[.epochBlocks])
    }

    public func lastHeight(of epoch: Epoch, on executed: some ExecutedChain) throws(StateError) -> Height {
        try require(.parameters, in: executed.state).lastHeight(of: epoch)
    }

    /// What consensus must know of a block that later ones rest on.
    public func anchor(at height: Height, _ executed: some ExecutedChain) throws(StateError) -> Anchor {
        guard height > .genesis else {
            return Anchor(
                block: Digest(chain.raw), height: .genesis, time: genesisTime,
                randomness: Randomness.origin(of: chain, using: hash))
        }
        let header = try require(height, executed)
        return Anchor(
            block: header.digest(using: hash), height: height, time: header.time,
            randomness: header.randomness.next(using: hash))
    }

    /// The state that the epoch above a height starts from: the blocks above it name that, and one that began with a
    /// snapshot has nothing else.
    private func startState(
        of height: Height, upTo newest: Height, _ executed: some ExecutedChain
    ) throws(StateError) -> Digest {
        if newest > height { return try require(newest, executed).startState }
        guard let root = try executed.root(at: height) else {
            throw .unreadable(code: 0, detail: "the state root at height \(height) is missing")
        }
        return root
    }

    /// R at the middle height of the epoch before: its committee was fixed earlier, so nobody can fit stake to it.
    private func middle(
        of epoch: Epoch, _ length: UInt64, _ executed: some ExecutedChain
    ) throws(StateError) -> Digest {
        guard epoch.number > 0 else { return Randomness.origin(of: chain, using: hash) }
        return try anchor(at: Height((epoch.number - 1) * length + length / 2), executed).randomness
    }

    /// Those whose views were skipped between a block and its parent, a view each.
    private func missedLeaders(
        before header: Header, _ seats: CairnLedger.Committee, _ executed: some ExecutedChain
    ) throws(StateError) -> [AccountID] {
        let first = header.parentView.next
        guard first < header.view else { return [] }
        let committee = try consensusCommittee(of: header.epoch, in: executed.state)
        let length = try require(.parameters, in: executed.state)[.epochBlocks]
        let seed = Randomness.seed(
            chain: chain, epoch: header.epoch, middle: try middle(of: header.epoch, length, executed), using: hash)
        let counted = min(header.view.number - first.number, Self.missedViewsCounted)
        return (0..<counted).map { offset in
            let leader = committee.leader(of: first.advanced(by: offset), seed: seed, using: hash)
            return seats.members[Int(leader.number)].account
        }
    }

    /// After a long stall only the first views are held against their leaders: the rest says nothing new about them.
    private static var missedViewsCounted: UInt64 { 1_000 }

    /// The accounts whose nonces the block moved: those of its senders that it wrote.
    private func nonces(
        in outcome: BlockOutcome, of transactions: [Verified<Transaction>]
    ) -> [(account: AccountID, nonce: UInt64)] {
        var senders = OrderedMap<StateKey, AccountID>()
        for transaction in transactions {
            let sender = transaction.value.sender
            senders[RecordKey<Account>.account(sender).key] = sender
        }
        return outcome.changes.compactMap { change in
            guard let sender = senders[change.key], let bytes = change.value,
                let account = try? Account.decode(bytes, limit: bytes.count)
            else { return nil }
            return (sender, account.nonce)
        }
    }

    private func committee(of epoch: Epoch, in state: some StateReader) throws(StateError) -> CairnLedger.Committee {
        try require(.committee(epoch), in: state)
    }

    private func consensusCommittee(
        of epoch: Epoch, in state: some StateReader
    ) throws(StateError) -> CairnConsensus.Committee {
        guard let committee = try CairnConsensus.Committee(of: epoch, in: state) else {
            throw .damaged(RecordKey<CairnLedger.Committee>.committee(epoch).key)
        }
        return committee
    }

    func require<Value: Record>(
        _ key: RecordKey<Value>, in state: some StateReader
    ) throws(StateError) -> Value {
        guard let value = try state.load(key) else { throw .damaged(key.key) }
        return value
    }

    private func require(_ height: Height, _ executed: some ExecutedChain) throws(StateError) -> Header {
        guard let header = try executed.header(at: height) else {
            throw .unreadable(code: 0, detail: "the header at height \(height) is missing")
        }
        return header
    }
}

/// What a block came to.
public struct Execution: Sendable {
    public let context: BlockContext
    public let outcome: BlockOutcome
    /// The accounts whose transactions ran, with the nonces they need next.
    public let nonces: [(account: AccountID, nonce: UInt64)]

    /// The transactions that the rules refused, and that paid nothing. One that only came before its turn is not meant: a bad
    /// leader could have everybody forget what is good.
    public var refused: [Digest] {
        outcome.receipts.filter { !$0.outcome.isTaken && $0.outcome != .nonceAhead }.map(\.transaction)
    }
}
