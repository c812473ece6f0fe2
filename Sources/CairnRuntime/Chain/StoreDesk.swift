public import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire
import CairnWitness

/// The chain's database, on a thread of its own: executes final blocks in order and answers what only the disk knows.
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
        case nothing
        case failed(StoreError)
    }

    private let store: ChainStore
    private let journal: PoolJournal
    private let executor: ChainExecutor<Blake2b>
    private let history: ChainHistory
    private var areHoldingsKnown = false
    private let verifier: Verifier
    private let home: String?
    private let hash = Blake2b()

    /// - Parameter home: the directory of the database, if snapshots are to be made of it.
    init(_ store: ChainStore, journal: PoolJournal, executor: ChainExecutor<Blake2b>, home: String?) {
        self.store = store
        self.home = home
        self.journal = journal
        self.executor = executor
        history = ChainHistory(store: store, executor: executor)
        verifier = Verifier(chain: executor.chain)
    }

    func handle(_ job: Job) -> Answer {
        do throws(StoreError) {
            switch job {
            case .execute(let block): return try execute(block)
            case .serve(let request, let ticket):
                return .history(try history.answer(request, using: hash), ticket: ticket)
            case .epochEnd(let epoch, let node):
                return try history.finalization(of: epoch).map { .epochEnd($0, to: node) } ?? .nothing
            case .admit(let transaction, let size, let ticket):
                return try admit(transaction, size, ticket)
            case .read(let question, let ticket): return .read(try question(store), ticket: ticket)
            case .holdings(let node): return try holdings(of: node)
            case .settle:
                try store.settle()
                return .nothing
            }
        } catch {
            return .failed(error)
        }
    }

    private func holdings(of node: NodeID) throws(StoreError) -> Answer {
        guard !areHoldingsKnown else { return .nothing }
        let view = try unwrapping { () throws(StateError) in try HolderView(of: node, in: store.state) }
        // A node that offers nothing yet is looked for again.
        areHoldingsKnown = view != nil
        return view.map { .holdings($0) } ?? .nothing
    }

    private func execute(_ next: ExecutableBlock) throws(StoreError) -> Answer {
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
        let certificate = try unwrapping { () throws(StateError) in try proof(of: next, on: chain) }
        try store.commit(stored(next, execution.context, certificate), execution.outcome)
        if HolderView.isTouched(by: execution.outcome.changes) { areHoldingsKnown = false }
        try settleJournal(at: header.height)
        let nextEpoch = try unwrapping { () throws(StateError) -> (EpochPlan, CoverageView?)? in
            guard try executor.isLast(header.height, on: chain) else { return nil }
            return (
                try executor.plan(after: header.height, on: chain),
                try executor.coverage(of: header.epoch.next, on: chain)
            )
        }
        let audits = try unwrapping { () throws(StateError) in
            try executor.audits(begunAt: header.height, randomness: execution.context.randomness, on: chain)
        }
        let adopted = execution.outcome.verdicts.filter { $0.outcome == .adopted }.map(\.verdict)
        return .executed(
            ExecutedBlock(
                height: header.height, block: next.digest, nonces: execution.nonces,
                randomness: execution.context.randomness, verdicts: adopted, nextEpoch: nextEpoch?.0,
                coverage: nextEpoch?.1, audits: audits),
            BlockSummary(
                height: header.height, epoch: header.epoch, view: header.view, digest: next.digest,
                root: execution.outcome.root, time: header.time, proposer: execution.context.proposer,
                transactionCount: transactions.count), nextEpoch == nil ? nil : snapshot(after: header))
    }

    /// The state that the next epoch starts from, seen beside the chain as it goes on. Not of a past that is being caught up
    /// with: nobody would ask for it.
    private func snapshot(after last: Header) -> Result<HandedOver<ChainReader>, StoreError>? {
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
    private func proof(of next: ExecutableBlock, on chain: StoredChain) throws(StateError) -> [UInt8] {
        guard let proof = next.proof else { return [] }
        guard try executor.isLast(next.block.header.height, on: chain) else { return proof.encoded }
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
        let sender = transaction.value.sender
        let account = try unwrapping { () throws(StateError) in
            try store.state.load(RecordKey<Account>.account(sender))
        }
        if ticket != Submission.nobody {
            let isKept = try writing { () throws(SystemError) in try journal.append(transaction.value) }
            guard isKept else { return .refused(ticket: ticket) }
        }
        return .admitted(
            Submission(
                transaction: transaction, id: transaction.value.id(chain: executor.chain, using: hash),
                byteCount: size, accountNonce: account?.nonce ?? 0, ticket: ticket))
    }
}

extension StoreDesk {
    private func settleJournal(at height: Height) throws(StoreError) {
        try unwrapping { () throws(StateError) in
            try journal.settle(at: height) { account throws(StateError) in
                try store.state.load(RecordKey<Account>.account(account))?.nonce ?? 0
            }
        }
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
