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
/// them is what the newest block left behind. It holds the buckets up to a limit of bytes. Those that changed since the
/// table was last brought up to date can be read nowhere else, so buckets are let go only when nothing is pending.
final class StateRows {
    let check = RowCheck()
    let database: Database
    let statements: StateStatements
    let hash = StateTree(Blake2b())
    let limits: Limits.Store
    var tree = CommittedTree()
    /// Where buckets are let go the next time.
    private var sweep = Digest.zero
    var pendingBlocks = 0
    var pendingChanges = 0

    init(in database: Database, limits: Limits.Store) throws(StoreError) {
        self.database = database
        self.limits = limits
        statements = try StateStatements.prepare(in: database)
    }

    /// True if what the tree holds takes more room than it should.
    var isCrowded: Bool { tree.held > limits.stateCache }

    /// Lets half of what may be held go once it is too much, so that the next time is far away.
    func makeRoom() {
        guard isCrowded, pendingBlocks == 0 else { return }
        sweep = tree.letGo(of: tree.held - limits.stateCache / 2, from: sweep)
    }
}

extension StateRows {
    func value(for key: StateKey) throws(StoreError) -> [UInt8]? {
        let path = hash.path(of: key)
        let end = tree.end(of: path)
        return try bucket(of: end.branch, at: TreePath(path, depth: end.depth)).value(of: path)
    }

    func bucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        try bucket(of: tree.end(of: place.prefix).branch, at: place)
    }

    private func bucket(of branch: TreeBranch, at place: TreePath) throws(StoreError) -> TreeBucket {
        if let bucket = tree.bucket(of: branch) { return bucket }
        let bucket = try storedBucket(at: place)
        guard holds(bucket, at: place, as: branch) else { throw .damaged(row: "state below \(place)") }
        return bucket
    }

    func storedBucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        var entries: [TreeEntry] = []
        try statements.range.forEach(.blob(place.prefix.raw.bytes), .blob(place.last.raw.bytes)) {
            row throws(StoreError) in
            let (key, value) = try entry(of: row)
            let path = hash.path(of: key)
            guard place.holds(path), entries.last.map({ $0.leaf.path < path }) ?? true
            else { throw .damaged(row: "state \(key)") }
            entries.append(TreeEntry(leaf: hash.leaf(at: path, value), value: value))
        }
        return TreeBucket(entries[...])
    }

    func holds(_ bucket: TreeBucket, at place: TreePath, as branch: TreeBranch) -> Bool {
        hash.hash(of: bucket, at: place.depth) == branch.subtree.hash
    }

    func entry(of row: borrowing Statement) throws(StoreError) -> (StateKey, [UInt8]) {
        let (path, key, value) = (row.blob(0), StateKey(bytes: row.blob(1)), row.blob(2))
        guard check.short(path + key.bytes, value) == .integer(row.integer(3)), hash.path(of: key).raw.bytes == path
        else { throw .damaged(row: "state \(key)") }
        return (key, value)
    }
}
