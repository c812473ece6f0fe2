import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The state on disk, and the tree over it in memory.
///
/// The rows of a large state lie all over its table, and to touch a thousand of them costs SQLite a thousand pages. So
/// a block with many changes is written down as one row of `pending`, and from time to time all that is pending goes
/// into the table at once, in the table's order, each entry in its newest form. A block with few changes is written
/// at once, so on a quiet chain the table is never behind.
///
/// The tree is not stored. It follows from the entries, and building it when the file is opened shows that every one of
/// them is what the newest block left behind.
final class StateRows {
    let check = RowCheck()
    private let database: Database
    private let statements: StateStatements
    private let hash = StateTree(Blake2b())
    private let limits: Limits.Store
    private var cache: BucketCache
    private(set) var tree: TreeNode?
    private var pendingBlocks = 0
    private var pendingChanges = 0

    init(in database: Database, limits: Limits.Store) throws(StoreError) {
        self.database = database
        self.limits = limits
        statements = try StateStatements.prepare(in: database)
        cache = BucketCache(limit: limits.stateCache)
    }
}

extension StateRows {
    /// Builds the tree over what the file holds: the table, then what is pending.
    func load() throws(StoreError) {
        var batch: [StateChange] = []
        try forEach { (name) throws(StoreError) in
            throw .damaged(row: name)
        } do: { key, value throws(StoreError) in
            batch.append(StateChange(key: key, value: value))
            guard batch.count >= 8192 else { return }
            try add(batch, areWritten: true)
            batch.removeAll(keepingCapacity: true)
        }
        try add(batch, areWritten: true)
        try eachPending { height, bytes throws(StoreError) in
            let changes = try decoding { () throws(DecodeError) in try PendingChanges.decode(bytes) }
            try add(changes, areWritten: false)
            pendingBlocks += 1
            pendingChanges += changes.count
        }
    }

    private func add(_ changes: [StateChange], areWritten: Bool) throws(StoreError) {
        let update: TreeUpdate
        do {
            update = try hash.apply(changes, to: StoredState(rows: self))
        } catch {
            throw StoreError(error)
        }
        tree = update.tree
        cache.update(update.buckets, areWritten: areWritten)
    }

    func value(for key: StateKey) throws(StoreError) -> [UInt8]? {
        let path = hash.path(of: key)
        guard let place = tree?.bucket(of: path)?.place else { return nil }
        return try bucket(at: place).value(of: path)
    }

    func bucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        if let bucket = cache[place] { return bucket }
        let bucket = try storedBucket(at: place)
        guard let node = tree?.bucket(of: place.prefix)?.node, holds(bucket, at: place, as: node) else {
            throw .damaged(row: "state below \(place)")
        }
        cache.insert(bucket, at: place)
        return bucket
    }

    func storedBucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        var bucket = TreeBucket()
        try statements.range.forEach(.blob(place.prefix.raw.bytes), .blob(place.last.raw.bytes)) {
            row throws(StoreError) in
            let (key, value) = try entry(of: row)
            bucket.append(hash.leaf(at: hash.path(of: key), value), value)
        }
        return bucket
    }

    func holds(_ bucket: TreeBucket, at place: TreePath, as node: TreeNode) -> Bool {
        hash.hash(of: bucket, at: place) == node.hash
    }

    /// Every entry in the table, in the order of paths; damaged ones are handed to `damaged` by name.
    func forEach(
        damaged: (String) throws(StoreError) -> Void, do body: (StateKey, [UInt8]) throws(StoreError) -> Void
    ) throws(StoreError) {
        try statements.all.forEach { row throws(StoreError) in
            do throws(StoreError) {
                let (key, value) = try entry(of: row)
                try body(key, value)
            } catch {
                guard case .damaged(let name) = error else { throw error }
                try damaged(name)
            }
        }
    }

    private func entry(of row: borrowing Statement) throws(StoreError) -> (StateKey, [UInt8]) {
        let (path, key, value) = (row.blob(0), StateKey(bytes: row.blob(1)), row.blob(2))
        guard check.short(path + key.bytes, value) == .integer(row.integer(3)), hash.path(of: key).raw.bytes == path
        else { throw .damaged(row: "state \(key)") }
        return (key, value)
    }
}

extension StateRows {
    /// Writes what a block changed, inside the block's transaction; says whether nothing is pending afterwards.
    func write(_ changes: [StateChange], at height: Height) throws(StoreError) -> Bool {
        let isQuiet = changes.count <= limits.changesAtOnce
        if pendingBlocks == 0, isQuiet || tree == nil {
            let placed = changes.map { (path: hash.path(of: $0.key), change: $0) }
            for (path, change) in placed.sorted(by: { $0.path < $1.path }) { try write(change, at: path) }
            return true
        }
        let bytes = PendingChanges.encode(changes)
        try statements.insertPending.run(.bits(height.number), .blob(bytes), .blob(check.full(bytes)))
        guard isQuiet || isFull(after: changes.count) else { return false }
        try writePending()
        return true
    }

    /// Takes over the tree of a block that is durable now.
    func adopt(_ outcome: BlockOutcome, nothingIsPending: Bool) {
        tree = outcome.tree.tree
        pendingBlocks = nothingIsPending ? 0 : pendingBlocks + 1
        pendingChanges = nothingIsPending ? 0 : pendingChanges + outcome.changes.count
        cache.update(outcome.tree.buckets, areWritten: nothingIsPending)
        if nothingIsPending { cache.allWritten() }
    }

    /// Writes all that is pending, in a transaction of its own.
    func settle() throws(StoreError) {
        guard pendingBlocks > 0 else { return }
        try database.transaction { () throws(StoreError) in try writePending() }
        pendingBlocks = 0
        pendingChanges = 0
        cache.allWritten()
    }

    private func isFull(after count: Int) -> Bool {
        pendingBlocks + 1 >= limits.pendingBlocks || pendingChanges + count >= limits.pendingChanges
            || cache.isCrowded
    }

    /// Brings the table up to the newest block. Of each entry only the last of its changes is written.
    private func writePending() throws(StoreError) {
        var blobs: [[UInt8]] = []
        try eachPending { _, bytes throws(StoreError) in blobs.append(bytes) }
        var places: [(path: Digest, blob: Int, offset: Int)] = []
        for (blob, bytes) in blobs.enumerated() {
            try decoding { () throws(DecodeError) in
                try PendingChanges.forEach(bytes) { key, offset in places.append((hash.path(of: key), blob, offset)) }
            }
        }
        places.sort { ($0.path, $0.blob) < ($1.path, $1.blob) }
        for index in places.indices where index + 1 == places.count || places[index].path != places[index + 1].path {
            let place = places[index]
            let change = try decoding { () throws(DecodeError) in
                try PendingChanges.change(in: blobs[place.blob], at: place.offset)
            }
            try write(change, at: place.path)
        }
        try statements.clearPending.run()
    }

    private func write(_ change: StateChange, at path: Digest) throws(StoreError) {
        let path = path.raw.bytes
        guard let value = change.value else { return try statements.remove.run(.blob(path)) }
        let key = change.key.bytes
        try statements.put.run(.blob(path), .blob(key), .blob(value), check.short(path + key, value))
    }

    private func eachPending(_ body: (UInt64, [UInt8]) throws(StoreError) -> Void) throws(StoreError) {
        try statements.pending.forEach { row throws(StoreError) in
            let (height, bytes) = (row.bits(0), row.blob(1))
            guard check.full(bytes) == row.blob(2) else { throw .damaged(row: "pending changes of block \(height)") }
            try body(height, bytes)
        }
    }

    private func decoding<Result>(_ body: () throws(DecodeError) -> Result) throws(StoreError) -> Result {
        do {
            return try body()
        } catch {
            throw .damaged(row: "pending changes: \(error)")
        }
    }
}
