import CairnBase
import CairnLedger

/// The database of a chain, for the one thread that has it at the moment. It keeps nothing of the state in memory.
final class ChainFile {
    let database: Database
    let blocks: BlockRows
    let state: StateRows
    private var pruning: Pruning
    private let check = RowCheck()
    /// True after a failed write: those that wait behind it are not tried.
    private var hasFailed = false

    /// Opens the database of a directory and brings its schema up to date.
    init(directory: String, retention: Retention = .archive, system: String? = nil) throws(StoreError) {
        database = try Database(path: directory + "/chain.db", role: .writer, system: system)
        try database.migrate(ChainSchema.migrations)
        try database.requireTables(of: ChainSchema.migrations)
        try database.refreshViews(of: ChainSchema.migrations)
        blocks = try BlockRows(in: database)
        state = try StateRows(in: database)
        pruning = try Pruning(retention, in: database)
    }

    /// Makes a block and all it did durable, or nothing of it.
    func write(_ next: NextBlock) throws(StoreError) {
        guard !hasFailed else { throw .stopped }
        hasFailed = true
        pruning = try database.transaction { () throws(StoreError) in
            if let chain = next.chain {
                try database.prepare("INSERT INTO chain VALUES (?, ?)")
                    .run(.blob(chain.raw.bytes), .blob(check.full(chain.raw.bytes)))
            }
            try blocks.insert(next)
            try state.write(next.changes, at: next.block.height, next.way)
            return try pruning.after(next.block.height)
        }
        hasFailed = false
    }
}

/// What becomes durable together.
struct NextBlock: Sendable {
    /// The chain that begins with it.
    let chain: ChainID?
    let block: StoredBlock
    let root: Digest
    let receipts: [Receipt]
    let verdicts: [Judgement]
    let changes: [StateChange]
    let way: StateRows.Way

    /// - Parameter outcome: without its tree, which only the owner of the store needs.
    init(_ block: StoredBlock, _ outcome: BlockOutcome, _ way: StateRows.Way, beginning chain: ChainID?) {
        (self.block, self.way, self.chain) = (block, way, chain)
        (root, receipts, verdicts, changes) = (outcome.root, outcome.receipts, outcome.verdicts, outcome.changes)
    }

    /// What it takes in memory, about.
    var byteCount: Int {
        block.payload.count + block.certificate.count + 64 * (receipts.count + verdicts.count) + 192 * changes.count
    }
}
