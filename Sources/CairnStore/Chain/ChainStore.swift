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
/// The whole class belongs to one thread. Beside it stands another, which writes the newest blocks while its owner works
/// out the next; whatever else needs the file waits for it.
public final class ChainStore {
    private let lock: DirectoryLock
    let writer: ChainWriter
    let loaded: LoadedState
    private let directory: String
    private let reserve: UInt64
    private let space: DiskSpace
    /// The newest block that was handed in; nil before genesis is.
    public private(set) var head: ChainHead?
    public private(set) var chain: ChainID?
    /// Blocks that somebody wanted to read and that were damaged, for the next step of a scrub to name.
    private var suspects: OrderedSet<Height> = []
    private static let suspectsLimit = 16

    /// Opens the chain in a directory, which must exist, and brings its schema up to date.
    public init(
        directory: String, limits: Limits.Store = Limits.Store(), retention: Retention = .archive,
        space: DiskSpace = DiskSpace(), system: String? = nil
    ) throws(StoreError) {
        self.directory = directory
        reserve = limits.diskReserve
        self.space = space
        lock = try DirectoryLock(directory + "/chain.lock")
        ChainDraft.removeLeftovers(in: directory)
        let file = try ChainFile(directory: directory, retention: retention, system: system)
        writer = ChainWriter(file, limits: limits)
        loaded = LoadedState(writer, limits: limits)
        chain = try writer.file().blocks.chain()
        head = try loadHead()
        guard head == nil || chain != nil else { throw .damaged(row: "chain is missing") }
    }

    /// Whoever takes the lock next must find the file at rest.
    deinit {
        try? writer.finish()
    }

    /// Whether a directory holds a chain.
    public static func exists(in directory: String) -> Bool { DiskFile.exists(directory + "/chain.db") }

    /// Writes the state a chain starts from. `genesis` is its canonical form, kept as the payload of height 0.
    public func begin(chain: ChainID, genesis: [UInt8], time: UInt64, _ outcome: BlockOutcome) throws(StoreError) {
        try sync()
        guard head == nil else { throw .outOfOrder(expected: 1, offered: 0) }
        try append(.genesis(chain, genesis, time: time), outcome, beginning: chain)
        try sync()
        self.chain = chain
    }

    /// Makes the next block and all it did durable.
    public func commit(_ block: StoredBlock, _ outcome: BlockOutcome) throws(StoreError) {
        try append(block, outcome)
        try sync()
    }

    /// Takes the next block over: from now on the state is the one after it, and it becomes durable beside whatever its
    /// owner does next, after all blocks before it.
    public func append(_ block: StoredBlock, _ outcome: BlockOutcome) throws(StoreError) {
        _ = try durable()
        let expected = head?.height.next ?? .genesis
        guard head != nil, block.height == expected else {
            throw .outOfOrder(expected: expected.number, offered: block.height.number)
        }
        try append(block, outcome, beginning: nil)
    }

    /// Waits until all that was handed in is durable.
    public func sync() throws(StoreError) {
        try writer.finish()
        try writer.requireNoFailure()
    }

    /// The newest block that is durable by now, of those that were handed in; nil while there is none. Does not wait.
    public func durable() throws(StoreError) -> Height? {
        try writer.finish(allBut: .max)
        try writer.requireNoFailure()
        return writer.durable
    }

    /// Of the first write that failed, if one did.
    public var failure: StoreError? { writer.failure }

    /// Brings the state table up to the newest block, so that its views speak as of that one: what an orderly stop does
    /// last.
    public func settle() throws(StoreError) {
        try loaded.settle()
    }

    /// Writes what the file holds as of now into a new file, without the pages that are free.
    public func copy(to path: String) throws(StoreError) {
        try writer.file().database.prepare("VACUUM INTO ?").run(.text(path))
    }

    /// Refuses before anything is written, so that the store can be read, and written again when there is room.
    private func requireSpace() throws(StoreError) {
        // What is in the air goes into the log, and from there into the file.
        let wanted = reserve.addingReportingOverflow(2 * UInt64(clamping: writer.bytesInTheAir))
        guard let soon = space.free(at: directory), wanted.overflow || soon < wanted.partialValue else { return }
        try sync()
        guard let free = space.free(at: directory), free < reserve else { return }
        throw .diskFull(free: free, need: reserve)
    }

    private func append(
        _ block: StoredBlock, _ outcome: BlockOutcome, beginning chain: ChainID?
    ) throws(StoreError) {
        invariant(loaded.tree.fits(outcome.tree), "a block is committed to the state it was applied to")
        try requireSpace()
        let way = loaded.way(of: outcome.changes)
        try writer.write(NextBlock(block, outcome, way, beginning: chain))
        loaded.adopt(outcome, way)
        head = ChainHead(height: block.height, digest: block.digest, root: outcome.root)
    }
}

extension ChainStore {
    /// The block at a height; nil above the head, where it was pruned, and before the first that a chain from a snapshot has.
    /// One that should be here and is not is damage, as one that was altered is.
    public func block(at height: Height) throws(StoreError) -> StoredBlock? { try rooted(at: height)?.block }

    private func rooted(at height: Height) throws(StoreError) -> (block: StoredBlock, root: Digest)? {
        let file = try writer.file()
        do throws(StoreError) {
            return try file.blocks.expected(at: height, through: head?.height, in: file.database)
        } catch {
            if error.damagedRow != nil, suspects.count < Self.suspectsLimit { suspects.insert(height) }
            throw error
        }
    }

    func suspect(_ height: Height) { suspects.insert(height) }

    func takeSuspects() -> [Height] {
        defer { suspects = [] }
        return Array(suspects)
    }

    var hasRoom: Bool { space.free(at: directory).map { $0 >= reserve } ?? true }

    /// The state root after a block; nil above the head, where it was pruned, or where the chain began with a snapshot above.
    public func root(at height: Height) throws(StoreError) -> Digest? {
        guard let root = try rooted(at: height)?.root, root != .zero else { return nil }
        return root
    }

    /// The height of a block, by its digest.
    public func height(of digest: Digest) throws(StoreError) -> Height? { try writer.file().blocks.height(of: digest) }

    /// What the transactions of a block came to, in the order they ran.
    public func receipts(at height: Height) throws(StoreError) -> [Receipt] {
        try writer.file().blocks.receipts(at: height)
    }

    /// Finds the newest block and checks that the state on disk is the state after it.
    private func loadHead() throws(StoreError) -> ChainHead? {
        guard let head = try writer.file().blocks.head() else { return nil }
        try loaded.load(through: head.height)
        guard loaded.tree.hash == head.root else {
            let name = try writer.file().state.damagedEntries().damaged.first ?? "state at height \(head.height)"
            throw .damaged(row: name)
        }
        return head
    }
}

extension ChainStore {
    /// The state after the newest block, for the ledger to build on.
    public var state: StoredState { StoredState(loaded: loaded) }
}
