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
    let check = RowCheck()
    private let statements: ChainStatements
    let rows: StateRows
    private var isStopped = false
    /// The newest committed block; nil before genesis is written.
    public private(set) var head: ChainHead?
    public private(set) var chain: ChainID?

    /// Opens the chain in a directory, which must exist, and brings its schema up to date.
    public init(
        directory: String, limits: Limits.Store = Limits.Store(), system: String? = nil
    ) throws(StoreError) {
        lock = try DirectoryLock(directory + "/chain.lock")
        database = try Database(path: directory + "/chain.db", role: .writer, system: system)
        try database.migrate(ChainSchema.migrations)
        statements = try ChainStatements.prepare(in: database)
        rows = try StateRows(in: database, limits: limits)
        chain = try loadChain()
        head = try loadHead()
    }

    /// Writes the state a chain starts from. `genesis` is its canonical form, kept as the payload of height 0.
    public func begin(chain: ChainID, genesis: [UInt8], time: UInt64, _ outcome: BlockOutcome) throws(StoreError) {
        guard head == nil else { throw .outOfOrder(expected: 1, offered: 0) }
        let digest = Digest(chain.raw)
        let block = StoredBlock(
            height: .genesis, epoch: Epoch(0), view: View(0), time: time, proposer: AccountID(.zero), digest: digest,
            parent: .zero, header: [], payload: genesis, certificate: [])
        try write(block, outcome) { () throws(StoreError) in
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

    private func write(
        _ block: StoredBlock, _ outcome: BlockOutcome, also: () throws(StoreError) -> Void
    ) throws(StoreError) {
        guard !isStopped else { throw .stopped }
        do throws(StoreError) {
            let nothingIsPending = try database.transaction { () throws(StoreError) in
                try also()
                try insert(block, root: outcome.root)
                try insert(outcome.receipts, at: block.height)
                return try rows.write(outcome.changes, at: block.height)
            }
            rows.adopt(outcome, nothingIsPending: nothingIsPending)
        } catch {
            isStopped = true
            throw error
        }
        head = ChainHead(height: block.height, digest: block.digest, root: outcome.root)
    }

    private func insert(_ block: StoredBlock, root: Digest) throws(StoreError) {
        try statements.insertBlock.run(
            .bits(block.height.number), .bits(block.epoch.number), .bits(block.view.number), .bits(block.time),
            .blob(block.proposer.raw.bytes), .blob(block.digest.raw.bytes), .blob(block.parent.raw.bytes),
            .blob(root.raw.bytes), .blob(block.header), .blob(block.payload), .blob(block.certificate),
            .blob(check.full(block.checkedBytes(root: root))))
    }

    private func insert(_ receipts: [Receipt], at height: Height) throws(StoreError) {
        for (position, receipt) in receipts.enumerated() {
            let (place, outcome) = (UInt64(position), UInt64(receipt.outcome.rawValue))
            try statements.insertReceipt.run(
                .bits(height.number), .bits(place), .blob(receipt.transaction.raw.bytes), .bits(outcome),
                .bits(receipt.fee.units), check.short(receipt.key(at: height, place), receipt.checkedBytes))
        }
    }
}

extension ChainStore {
    /// The block at a height; nil above the head or where it was pruned.
    public func block(at height: Height) throws(StoreError) -> StoredBlock? {
        let number = height.number
        return try statements.block.first(.bits(number)) { row throws(StoreError) in
            let block = StoredBlock(
                height: height, epoch: Epoch(row.bits(0)), view: View(row.bits(1)), time: row.bits(2),
                proposer: AccountID(try row.id(3, of: "block \(number)")),
                digest: Digest(try row.id(4, of: "block \(number)")),
                parent: Digest(try row.id(5, of: "block \(number)")), header: row.blob(7), payload: row.blob(8),
                certificate: row.blob(9))
            let root = Digest(try row.id(6, of: "block \(number)"))
            guard check.full(block.checkedBytes(root: root)) == row.blob(10) else {
                throw .damaged(row: "block \(number)")
            }
            return block
        }
    }

    /// The height of a block, by its digest.
    public func height(of digest: Digest) throws(StoreError) -> Height? {
        try statements.height.first(.blob(digest.raw.bytes)) { Height($0.bits(0)) }
    }

    /// What the transactions of a block came to, in the order they ran.
    public func receipts(at height: Height) throws(StoreError) -> [Receipt] {
        var receipts: [Receipt] = []
        try statements.receipts.forEach(.bits(height.number)) { row throws(StoreError) in
            let name = "receipt \(height).\(row.bits(0))"
            guard let outcome = Outcome(rawValue: UInt16(clamping: row.bits(2))) else { throw .damaged(row: name) }
            let receipt = Receipt(
                transaction: Digest(try row.id(1, of: name)), outcome: outcome, fee: Amount(units: row.bits(3)))
            let expected = check.short(receipt.key(at: height, row.bits(0)), receipt.checkedBytes)
            guard expected == .integer(row.integer(4)) else { throw .damaged(row: name) }
            receipts.append(receipt)
        }
        return receipts
    }

    private func loadChain() throws(StoreError) -> ChainID? {
        try database.prepare(#"SELECT id, "check" FROM chain"#).first { row throws(StoreError) in
            let id = try row.id(0, of: "chain")
            guard check.full(id.bytes) == row.blob(1) else { throw .damaged(row: "chain") }
            return ChainID(id)
        }
    }

    /// Finds the newest block and checks that the state on disk is the state after it.
    private func loadHead() throws(StoreError) -> ChainHead? {
        let newest = try database.prepare("SELECT height, state_root FROM block ORDER BY height DESC LIMIT 1")
            .first { row throws(StoreError) in (Height(row.bits(0)), Digest(try row.id(1, of: "newest block"))) }
        guard let (height, root) = newest, let block = try block(at: height) else { return nil }
        try rows.load()
        guard (rows.tree?.hash ?? .zero) == root else { throw .damaged(row: "state at height \(height)") }
        return ChainHead(height: height, digest: block.digest, root: root)
    }
}

extension ChainStore {
    /// The state after the newest block, for the ledger to build on.
    public var state: StoredState { StoredState(rows: rows) }
}

extension Receipt {
    func key(at height: Height, _ position: UInt64) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.ordinal(height)
        writer.u64(position)
        return writer.bytes
    }

    var checkedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 42)
        writer.identifier(transaction)
        writer.u16(outcome.rawValue)
        fee.encode(into: &writer)
        return writer.bytes
    }
}

extension Statement {
    /// A 32-byte column; any other length means the row is damaged.
    func id(_ column: Int32, of row: @autoclosure () -> String) throws(StoreError) -> Bytes32 {
        guard let id = Bytes32(blob(column)) else { throw .damaged(row: row()) }
        return id
    }
}
