import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import CairnWire
import CairnWitness

/// What a node finds when it opens its home, before it says anything to anyone.
struct OpenedChain {
    let store: ChainStore
    let signLog: SignLog?
    let journal: PoolJournal
    let executor: ChainExecutor<Blake2b>
    let chain: ChainID
    /// The newest executed block.
    let executed: Anchor
    let head: BlockSummary?
    /// The plan of the epoch the next block belongs to.
    let plan: EpochPlan
    let knownEpochs: [MessageVerifier<Blake2b, SodiumConsensus>.KnownEpoch]
    /// The challenges that may still be open.
    let coverage: CoveragePast
    /// Nil for a validator that has never signed.
    let recovered: Recovered?
    /// The position of a block that the sign log knows to be final and the database does not have. A sudden stop
    /// leaves the last few missing; more are missing when the database's log was damaged, which SQLite does not say.
    let missing: SignFloor?

    init(_ configuration: ChainConfiguration) throws(ChainFailure) {
        let hash = Blake2b()
        let genesis = configuration.genesis
        chain = genesis.chain(using: hash)
        executor = ChainExecutor(chain: chain, genesisTime: genesis.time, hash: hash)
        do throws(StoreError) {
            store = try Self.openStore(configuration, chain)
            head = try Self.summary(of: store.head?.height ?? .genesis, in: store)
        } catch {
            throw .store(error)
        }
        if let found = store.chain, found != chain {
            throw .otherChain(found: found.description, expected: chain.description)
        }
        let height = store.head?.height ?? .genesis
        do throws(StateError) {
            plan = try executor.plan(after: height, on: StoredChain(store))
            executed = try executor.anchor(at: height, StoredChain(store))
            coverage = try CoveragePast(through: height, of: plan.epoch, executor, StoredChain(store))
        } catch {
            throw .store(StoreError(error))
        }
        try Self.compare(configuration.checkpoint, with: store.state)
        journal = try Self.openJournal(configuration, at: height, of: store.state)
        knownEpochs = [.init(epoch: plan.epoch, committee: plan.committee)]
        do throws(SignLogError) {
            signLog = try Self.openSignLog(configuration, chain)
        } catch {
            throw .signLog(error)
        }
        do throws(StoreError) {
            missing = try signLog?.floor.isAhead(of: store) == true ? signLog?.floor : nil
        } catch {
            throw .store(error)
        }
        recovered = try Self.recover(
            signLog, key: configuration.keys?.vote, plan: plan, executed: height > plan.anchor.height ? executed : nil,
            store)
    }

    /// What the state still knows of the trusted epoch, which may be over or about to come.
    private static func compare(
        _ checkpoint: LightClient.Checkpoint?, with state: StoredState
    ) throws(ChainFailure) {
        guard let checkpoint else { return }
        let found: LightClient.Checkpoint?
        do throws(StateError) {
            found = try LightClient.Checkpoint(of: checkpoint.epoch, in: state, using: Blake2b())
        } catch {
            throw .store(StoreError(error))
        }
        if let found, found != checkpoint { throw .otherThanCheckpoint(epoch: checkpoint.epoch.number) }
    }

    /// Without what a block settled that came from others while this node was away, or just before it ended.
    private static func openJournal(
        _ configuration: ChainConfiguration, at height: Height, of state: StoredState
    ) throws(ChainFailure) -> PoolJournal {
        let journal: PoolJournal
        do throws(SystemError) {
            journal = try PoolJournal(directory: configuration.directory)
        } catch {
            throw .system(error)
        }
        do throws(StateError) {
            try journal.settle(at: height) { account throws(StateError) in
                try state.load(RecordKey<Account>.account(account))?.nonce ?? 0
            }
        } catch {
            throw .store(StoreError(error))
        }
        return journal
    }

    private static func openStore(
        _ configuration: ChainConfiguration, _ chain: ChainID
    ) throws(StoreError) -> ChainStore {
        let store = try ChainStore(
            directory: configuration.directory, retention: configuration.retention, space: configuration.space)
        ProcessMemory.gatherPages()
        guard store.head == nil else { return store }
        let outcome: BlockOutcome
        do {
            outcome = try Ledger(chain: chain, hash: Blake2b()).begin(configuration.genesis)
        } catch {
            throw StoreError(error)
        }
        try store.begin(
            chain: chain, genesis: configuration.genesis.encoded, time: configuration.genesis.time, outcome)
        return store
    }

    private static func openSignLog(
        _ configuration: ChainConfiguration, _ chain: ChainID
    ) throws(SignLogError) -> SignLog? {
        guard let keys = configuration.keys else { return nil }
        return try SignLog(directory: configuration.directory, key: keys.vote, chain: chain)
    }

    /// What the sign log says, and how far the chain's own store is in this epoch.
    private static func recover(
        _ log: SignLog?, key: PublicKey?, plan: EpochPlan, executed: Anchor?, _ store: ChainStore
    ) throws(ChainFailure) -> Recovered? {
        let entries = log?.entries ?? []
        guard !entries.isEmpty || executed != nil else { return nil }
        var recovered: Recovered
        do {
            recovered = try SignRecords.recovered(
                entries, seat: key.flatMap { plan.committee.index(of: $0) })
        } catch {
            throw .signLog(.lost(.record(segment: 0)))
        }
        recovered.executed = executed
        guard let executed else { return recovered }
        do throws(StoreError) {
            if let proof = try store.block(at: executed.height)?.proof {
                recovered.certificates.append(proof.finalization)
            }
        } catch {
            throw .store(error)
        }
        return recovered
    }

    private static func summary(of height: Height, in store: ChainStore) throws(StoreError) -> BlockSummary? {
        guard height > .genesis, let block = try store.block(at: height), let head = store.head else { return nil }
        return BlockSummary(
            height: height, epoch: block.epoch, view: block.view, digest: block.digest, root: head.root,
            time: block.time, proposer: block.proposer, transactionCount: 0)
    }
}
