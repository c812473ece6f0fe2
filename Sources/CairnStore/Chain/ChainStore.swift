public import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire

/// The chain on disk: blocks, receipts, the state and its tree, in one SQLite file that one process owns.
///
/// A block and everything it changed become durable in one transaction or not at all. Whatever is read is checked
/// against a hash that was written with it, so damage is named and never served. After a failed write the store
/// refuses all others: what is on the disk is then unknown until the process starts again.
///
/// The whole class belongs to one thread.
public final class ChainStore {
    private let lock: DirectoryLock
    let database: Database
    private let check = RowCheck()
    let blocks: BlockRows
    let rows: StateRows
    private var pruning: Pruning
    private let directory: String
    private let reserve: UInt64
    private var isStopped = false
    /// The newest committed block; nil before genesis is written.
    public private(set) var head: ChainHead?
    public private(set) var chain: ChainID?

    /// Opens the chain in a directory, which must exist, and brings its schema up to date.
    public init(
        directory: String, limits: Limits.Store = Limits.Store(), retention: Retention = .archive,
        system: String? = nil
    ) throws(StoreError) {
        self.directory = directory
        reserve = limits.diskReserve
        lock = try DirectoryLock(directory + "/chain.lock")
        database = try Database(path: directory + "/chain.db", role: .writer, system: system)
        try database.migrate(ChainSchema.migrations)
        try database.requireTables(of: ChainSchema.migrations)
        try database.refreshViews(of: ChainSchema.migrations)
        blocks = try BlockRows(in: database)
        rows = try StateRows(in: database, limits: limits)
        pruning = try Pruning(retention, in: database)
        chain = try blocks.chain()
        head = try loadHead()
    }

    /// Whether a directory holds a chain.
    public static func exists(in directory: String) -> Bool { DiskFile.exists(directory + "/chain.db") }

    /// Writes the state a chain starts from. `genesis` is its canonical form, kept as the payload of height 0.
    public func begin(chain: ChainID, genesis: [UInt8], time: UInt64, _ outcome: BlockOutcome) throws(StoreError) {
        guard head == nil else { throw .outOfOrder(expected: 1, offered: 0) }
        try write(.genesis(chain, genesis, time: time), outcome) { () throws(StoreError) in
            try database.prepare("INSERT INTO chain VALUES (?, ?)")
                .run(.blob(chain.raw.bytes), .blob(check.full(chain.raw.bytes)))
        }
        self.chain = chain
    }

    /// Makes the next block and all it did durable.
    public func commit(_ block: StoredBlock, _ outcome: BlockOutcome) throws(StoreError) {
        let expected = head?.height.next ?? .genesis
        guard head != nil, block.height == expected else {
            throw .outOfOrder(expected: expected.number, offered: block.height.number)
        }
        try write(block, outcome) { () throws(StoreError) in }
    }

    /// Brings the state table up to the newest block, so that its views speak as of that one: what an orderly stop does
    /// last.
    public func settle() throws(StoreError) {
        try finalIfItFails { () throws(StoreError) in try rows.settle() }
    }

    /// Writes what the file holds as of now into a new file, without the pages that are free.
    public func copy(to path: String) throws(StoreError) {
        try database.prepare("VACUUM INTO ?").run(.text(path))
    }

    /// Refuses before anything is written, so that the store can be read, and written again when there is room.
    private func requireSpace() throws(StoreError) {
        guard let free = DiskSpace.free(at: directory), free < reserve else { return }
        throw .diskFull(free: free, need: reserve)
    }

    /// Any error while writing is the last thing the store does.
    private func finalIfItFails<Result>(_ body: () throws(StoreError) -> Result) throws(StoreError) -> Result {
        guard !isStopped else { throw .stopped }
        do throws(StoreError) {
            return try body()
        } catch {
            isStopped = true
            throw error
        }
    }

    private func write(
        _ block: StoredBlock, _ outcome: BlockOutcome, also: () throws(StoreError) -> Void
    ) throws(StoreError) {
        invariant(rows.tree.fits(outcome.tree), "a block is committed to the state it was applied to")
        try requireSpace()
        try finalIfItFails { () throws(StoreError) in
            let (nothingIsPending, pruned) = try database.transaction { () throws(StoreError) in
                try also()
                try blocks.insert(block, outcome)
                return (try rows.write(outcome.changes, at: block.height), try pruning.after(block.height))
            }
            rows.adopt(outcome, nothingIsPending: nothingIsPending)
            pruning = pruned
        }
        head = ChainHead(height: block.height, digest: block.digest, root: outcome.root)
    }
}

extension ChainStore {
    /// The block at a height; nil above the head or where it was pruned.
    public func block(at height: Height) throws(StoreError) -> StoredBlock? { try blocks.block(at: height) }

    /// The state root after a block; nil above the head, where it was pruned, or where the chain began with a snapshot above.
    public func root(at height: Height) throws(StoreError) -> Digest? { try blocks.root(at: height) }

    /// The height of a block, by its digest.
    public func height(of digest: Digest) throws(StoreError) -> Height? { try blocks.height(of: digest) }

    /// What the transactions of a block came to, in the order they ran.
    public func receipts(at height: Height) throws(StoreError) -> [Receipt] { try blocks.receipts(at: height) }

    /// Finds the newest block and checks that the state on disk is the state after it.
    private func loadHead() throws(StoreError) -> ChainHead? {
        guard let head = try blocks.head() else { return nil }
        try rows.load()
        guard rows.tree.hash == head.root else {
            let name = try rows.damagedEntries().damaged.first ?? "state at height \(head.height)"
            throw .damaged(row: name)
        }
        return head
    }
}

extension ChainStore {
    /// The state after the newest block, for the ledger to build on.
    public var state: StoredState { StoredState(rows: rows) }
}
