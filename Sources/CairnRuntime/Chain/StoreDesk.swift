public import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnThreads
import CairnWire
import CairnWitness

/// The chain's database, on a thread of its own: executes final blocks in order and answers what only the disk knows.
///
/// A block is written beside the execution of the next ones, and nobody hears of it before it is durable: its answer comes
/// with a later job, or when there is none.
final class StoreDesk {
    enum Job: Sendable {
        case execute(ExecutableBlock)
        case serve(HistoryRequest, ticket: UInt64)
        case epochEnd(Epoch, to: NodeID)
        /// Which nonce the sender of a transaction needs next.
        case admit(Verified<Transaction>, byteCount: Int, ticket: UInt64)
        /// A question of the interface.
        case read(@Sendable (ChainStore) throws(StoreError) -> JSON, ticket: UInt64)
        /// What the chain says of the shards of this node, if that may have changed since it was last asked.
        case holdings(of: NodeID)
        /// What the chain says that a device has to seal.
        case sealed(by: PublicKey)
        /// Look over some of what the database holds.
        case scrub(ChainScrubPlace, Limits.Scrub)
        /// A block that a peer gave back, because its row is damaged.
        case repair(Block, digest: Digest)
        /// The last of all: whoever opens the file next finds its tables up to date.
        case settle
    }

    enum Answer: Sendable {
        /// With a view of the state after it, where a snapshot of that is to be made.
        case executed(ExecutedBlock, BlockSummary, Result<HandedOver<ChainReader>, StoreError>?)
        case history(HistoryAnswer?, ticket: UInt64)
        case epochEnd(Certificate, to: NodeID)
        case admitted(Submission)
        /// Too much waits in the journal already.
        case refused(ticket: UInt64)
        case read(JSON, ticket: UInt64)
        case holdings(HolderView)
        case sealed(SealedView)
        /// A question of the interface came across a row that is damaged.
        case unread(row: String, ticket: UInt64)
        case scrubbed(ChainScrubStep)
        case repaired(Height, BlockRepair)
        case nothing
        case failed(StoreError)
    }

    let store: ChainStore
    private let journal: PoolJournal
    private let executor: ChainExecutor<Blake2b>
    private let history: ChainHistory
    private var areHoldingsKnown = false
    private let verifier: Verifier
    private let home: String?
    private let hash = Blake2b()
    /// The newest blocks, while they are being written.
    private var written: [WrittenBlock] = []
    /// What went wrong first: nothing is done after it.
    private var failure: StoreError?

    /// - Parameter home: the directory of the database, if snapshots are to be made of it.
    init(_ store: ChainStore, journal: PoolJournal, executor: ChainExecutor<Blake2b>, home: String?) {
        self.store = store
        self.home = home
        self.journal = journal
        self.executor = executor
        history = ChainHistory(store: store, executor: executor)
        verifier = Verifier(chain: executor.chain)
    }

    /// The answers that are known by now, in the order of their jobs; with nil, which says that no job waits, all of them.
    func handle(_ job: Job?) -> [Answer] {
        let owed = written.count + (job == nil ? 0 : 1)
        var answers: [Answer] = []
        do throws(StoreError) {
            if let failure { throw failure }
            try handle(job, &answers)
        } catch {
            fail(error, &answers)
            // Every job has an answer, and those behind a failure all have the same.
            while answers.count < owed { answers.append(.failed(failure ?? error)) }
        }
        return answers
    }

    private func handle(_ job: Job?, _ answers: inout [Answer]) throws(StoreError) {
        if case .execute(let block)? = job {
            let next = try execute(block)
            written.append(next)
            // What begins an epoch is read from the state after the last block of the one before.
            if next.isLastOfEpoch { try store.sync() }
            return try finish(&answers)
        }
        if job == nil, written.isEmpty { return }
        try store.sync()
        try finish(&answers)
        if let job { answers.append(try answer(job)) }
    }

    /// What was durable before is still said; then there is nothing but the first failure.
    private func fail(_ error: StoreError, _ answers: inout [Answer]) {
        guard failure == nil else { return }
        try? store.sync()
        try? finish(&answers)
        written = []
        failure = store.failure ?? error
    }

    private func answer(_ job: Job) throws(StoreError) -> Answer {
        switch job {
        // Once it is durable: `finish` says what it did.
        case .execute: .nothing
        case .serve(let request, let ticket):
            .history(
                try unlessDamaged { () throws(StoreError) in try history.answer(request, using: hash) }, ticket: ticket)
        case .epochEnd(let epoch, let node):
            try unlessDamaged { () throws(StoreError) in try history.finalization(of: epoch) }
                .map { .epochEnd($0, to: node) } ?? .nothing
        case .admit(let transaction, let size, let ticket): try admit(transaction, size, ticket)
        case .read(let question, let ticket): try read(question, ticket)
        case .scrub(let place, let limits): .scrubbed(try store.scrub(from: place, limits))
        case .repair(let block, let digest): try repair(block, digest)
        case .holdings(let node): try holdings(of: node)
        case .sealed(let device):
            try unwrapping { () throws(StateError) in try SealedView(of: device, in: store.state) }
                .map { .sealed($0) } ?? .nothing
        case .settle: try settle()
        }
    }

    /// What is damaged is not served, and that is no reason to stop serving the rest. The scrub names it.
    private func unlessDamaged<Value>(
        _ body: () throws(StoreError) -> Value?
    ) throws(StoreError) -> Value? {
        do {
            return try body()
        } catch {
            guard error.damagedRow != nil else { throw error }
            return nil
        }
    }

    private func read(
        _ question: (ChainStore) throws(StoreError) -> JSON, _ ticket: UInt64
    ) throws(StoreError) -> Answer {
        do {
            return .read(try question(store), ticket: ticket)
        } catch {
            guard let row = error.damagedRow else { throw error }
            return .unread(row: row, ticket: ticket)
        }
    }

    private func settle() throws(StoreError) -> Answer {
        try store.settle()
        return .nothing
    }

    private func holdings(of node: NodeID) throws(StoreError) -> Answer {
        guard !areHoldingsKnown else { return .nothing }
        let view = try unwrapping { () throws(StateError) in try HolderView(of: node, in: store.state) }
        // A node that offers nothing yet is looked for again.
        areHoldingsKnown = view != nil
        return view.map { .holdings($0) } ?? .nothing
    }

    /// Works out what a block does to the newest state, which may not be durable yet, and has it written.
    private func execute(_ next: ExecutableBlock) throws(StoreError) -> WrittenBlock {
        let header = next.block.header
        let payload = try payload(of: next.block)
        let transactions: [Verified<Transaction>]
        if let checked = next.transactions {
            transactions = checked
        } else {
            transactions = try verified(payload, at: header.height)
        }
        let chain = StoredChain(store)
        let execution = try unwrapping { () throws(StateError) in
            try executor.execute(header, transactions, payload.verdicts, on: chain)
        }
        let (isLast, certificate) = try unwrapping { () throws(StateError) in
            let isLast = try executor.isLast(header.height, on: chain)
            return (isLast, try proof(of: next, isLastOfEpoch: isLast, on: chain))
        }
        try store.append(stored(next, execution.context, certificate), execution.outcome)
        let summary = BlockSummary(
            height: header.height, epoch: header.epoch, view: header.view, digest: next.digest,
            root: execution.outcome.root, time: header.time, proposer: execution.context.proposer,
            transactionCount: transactions.count)
        let audits = try unwrapping { () throws(StateError) in
            try executor.audits(begunAt: header.height, randomness: execution.context.randomness, on: chain)
        }
        return WrittenBlock(summary: summary, execution, audits: audits, isLastOfEpoch: isLast)
    }

    /// Says what the blocks did that are durable by now.
    private func finish(_ answers: inout [Answer]) throws(StoreError) {
        guard let durable = try store.durable() else { return }
        while let block = written.first, block.summary.height <= durable {
            written.removeFirst()
            answers.append(try finish(block))
        }
    }

    private func finish(_ block: WrittenBlock) throws(StoreError) -> Answer {
        let summary = block.summary
        let chain = StoredChain(store)
        if block.touchesHoldings { areHoldingsKnown = false }
        try settleJournal(block)
        let nextEpoch = try unwrapping { () throws(StateError) -> (EpochPlan, CoverageView?)? in
            guard block.isLastOfEpoch else { return nil }
            return (
                try executor.plan(after: summary.height, on: chain),
                try executor.coverage(of: summary.epoch.next, on: chain)
            )
        }
        let executed = ExecutedBlock(
            height: summary.height, block: summary.digest, nonces: block.nonces, refused: block.refused,
            randomness: block.randomness, verdicts: block.adopted, nextEpoch: nextEpoch?.0, coverage: nextEpoch?.1,
            audits: block.audits)
        return .executed(executed, summary, block.isLastOfEpoch ? snapshot(after: summary) : nil)
    }

    /// The state that the next epoch starts from, seen beside the chain as it goes on. Not of a past that is being caught up
    /// with: nobody would ask for it.
    private func snapshot(after last: BlockSummary) -> Result<HandedOver<ChainReader>, StoreError>? {
        let now = Clock.wall().millisecondsSince1970
        // The time is a proposer's word: any number.
        guard let home, last.time > now - min(now, Self.freshMilliseconds) else { return nil }
        do throws(StoreError) {
            return .success(HandedOver(try ChainReader(directory: home)))
        } catch {
            // The chain goes on without.
            return .failure(error)
        }
    }

    private static let freshMilliseconds: UInt64 = 60_000

    private func unwrapping<Value>(_ body: () throws(StateError) -> Value) throws(StoreError) -> Value {
        do throws(StateError) {
            return try body()
        } catch {
            throw StoreError(error)
        }
    }

    private func payload(of block: Block) throws(StoreError) -> BlockPayload {
        do {
            return try BlockPayload(block.payload, limits: Limits.Ledger())
        } catch {
            throw .damaged(row: "final block \(block.header.height): \(error)")
        }
    }

    /// Checks the signatures of a block that came without its transactions checked. A quorum has vouched for them, so
    /// a bad one means that the quorum lied or that the bytes here are damaged: nothing to go on from.
    private func verified(
        _ payload: BlockPayload, at height: Height
    ) throws(StoreError) -> [Verified<Transaction>] {
        let checked = verifier.verify(payload.transactions.map { Claim($0, by: $0.key) })
        let good = checked.compactMap(\.self)
        guard good.count == payload.transactions.count else {
            throw .damaged(row: "final block \(height): a signature does not verify")
        }
        return good
    }

    /// What shows others that it is final; with the last block of an epoch, what leads them into the next.
    private func proof(
        of next: ExecutableBlock, isLastOfEpoch: Bool, on chain: StoredChain
    ) throws(StateError) -> [UInt8] {
        guard let proof = next.proof else { return [] }
        guard isLastOfEpoch else { return proof.encoded }
        return try executor.handoff(of: proof, on: chain).encoded
    }

    private func stored(_ next: ExecutableBlock, _ context: BlockContext, _ certificate: [UInt8]) -> StoredBlock {
        let header = next.block.header
        return StoredBlock(
            height: header.height, epoch: header.epoch, view: header.view, time: header.time,
            proposer: context.proposer, digest: next.digest, parent: header.parent, header: header.encoded,
            payload: next.block.payload.bytes, certificate: certificate)
    }

    private func admit(
        _ transaction: Verified<Transaction>, _ size: Int, _ ticket: UInt64
    ) throws(StoreError) -> Answer {
        let head = store.head?.height ?? .genesis
        let sender = try unwrapping { () throws(StateError) in
            try executor.sender(of: transaction.value, after: head, in: store.state)
        }
        // What the pool refuses would wait in the journal for nothing.
        let isOfUse =
            transaction.value.nonce >= sender.nonce
            && sender.objection(to: transaction, after: head) == nil
        if ticket != Submission.nobody, isOfUse {
            let isKept = try writing { () throws(SystemError) in try journal.append(transaction.value) }
            guard isKept else { return .refused(ticket: ticket) }
        }
        return .admitted(
            Submission(
                transaction: transaction, id: transaction.value.id(chain: executor.chain, using: hash),
                byteCount: size, sender: sender, ticket: ticket))
    }
}

extension StoreDesk {
    private func settleJournal(_ block: WrittenBlock) throws(StoreError) {
        var nonces = OrderedMap<AccountID, UInt64>()
        for (account, nonce) in block.nonces { nonces[account] = nonce }
        // Of an account that the block left alone, nothing is settled by it.
        journal.settle(at: block.summary.height) { nonces[$0] ?? 0 }
        try writing { () throws(SystemError) in try journal.compact() }
    }

    private func writing<Value>(_ body: () throws(SystemError) -> Value) throws(StoreError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .file(operation: error.call, path: "pool.journal", errno: error.code)
        }
    }
}

/// A block that was executed and is being written: what is said of it once it is durable.
private struct WrittenBlock {
    let summary: BlockSummary
    let nonces: [(account: AccountID, nonce: UInt64)]
    let refused: [Digest]
    let randomness: Digest
    let adopted: [Verdict]
    let touchesHoldings: Bool
    let audits: [AuditRound]
    let isLastOfEpoch: Bool

    init(summary: BlockSummary, _ execution: Execution, audits: [AuditRound], isLastOfEpoch: Bool) {
        self.summary = summary
        self.audits = audits
        self.isLastOfEpoch = isLastOfEpoch
        nonces = execution.nonces
        refused = execution.refused
        randomness = execution.context.randomness
        adopted = execution.outcome.verdicts.filter { $0.outcome == .adopted }.map(\.verdict)
        touchesHoldings = HolderView.isTouched(by: execution.outcome.changes)
    }
}

/// What people are told of an executed block.
public struct BlockSummary: Sendable, Equatable {
    public let height: Height
    public let epoch: Epoch
    public let view: View
    public let digest: Digest
    public let root: Digest
    public let time: UInt64
    public let proposer: AccountID
    public let transactionCount: Int
}

/// The store as the executor reads it.
struct StoredChain: ExecutedChain {
    private let store: ChainStore

    init(_ store: ChainStore) {
        self.store = store
    }

    var state: StoredState { store.state }

    func header(at height: Height) throws(StateError) -> Header? {
        do throws(StoreError) {
            return try block(at: height)?.header
        } catch {
            throw .unreadable(code: 0, detail: "\(error)")
        }
    }

    func root(at height: Height) throws(StateError) -> Digest? {
        do throws(StoreError) {
            return try store.root(at: height)
        } catch {
            throw .unreadable(code: 0, detail: "\(error)")
        }
    }

    /// An executed block as consensus made it; nil for genesis, which consensus did not make.
    func block(at height: Height) throws(StoreError) -> Block? {
        guard height > .genesis, let stored = try store.block(at: height) else { return nil }
        do {
            let header = try Header.decode(stored.header, limit: stored.header.count)
            return Block(header: header, payload: Payload(bytes: stored.payload))
        } catch {
            throw .damaged(row: "header of block \(height)")
        }
    }
}
