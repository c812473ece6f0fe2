import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The state as the owner of a store reads it: the tree over it, and in the tree's buckets as much of it as may lie in
/// memory.
///
/// The tree is not stored. It follows from the entries, and building it when the file is opened shows that every one of
/// them is what the newest block left behind. The buckets that changed since the table was last brought up to date can be
/// read nowhere else, so buckets are let go only when nothing is pending.
final class LoadedState {
    private let writer: ChainWriter
    let hash = StateTree(Blake2b())
    let limits: Limits.Store
    private(set) var tree = CommittedTree()
    /// Where buckets are let go the next time.
    private var sweep = Digest.zero
    private var pendingBlocks = 0
    private var pendingChanges = 0

    init(_ writer: ChainWriter, limits: Limits.Store) {
        self.writer = writer
        self.limits = limits
    }

    /// True if what the tree holds takes more room than it should.
    private var isCrowded: Bool { tree.held > limits.stateCache }

    /// Lets half of what may be held go once it is too much, so that the next time is far away.
    private func makeRoom() {
        guard isCrowded, pendingBlocks == 0 else { return }
        sweep = tree.letGo(of: tree.held - limits.stateCache / 2, from: sweep)
    }
}

extension LoadedState {
    /// How the changes of the next block are written.
    func way(of changes: [StateChange]) -> StateRows.Way {
        let isQuiet = changes.count <= limits.changesAtOnce
        if pendingBlocks == 0, isQuiet || tree.count == 0 { return .atOnce }
        let isFull =
            pendingBlocks + 1 >= limits.pendingBlocks || pendingChanges + changes.count >= limits.pendingChanges
        return isQuiet || isFull || isCrowded ? .withAllPending : .later
    }

    /// Becomes the state after a block whose changes are written in some way.
    func adopt(_ outcome: BlockOutcome, _ way: StateRows.Way) {
        tree.take(outcome.tree)
        pendingBlocks = way == .later ? pendingBlocks + 1 : 0
        pendingChanges = way == .later ? pendingChanges + outcome.changes.count : 0
        makeRoom()
    }

    /// Has all that is pending written.
    func settle() throws(StoreError) {
        try writer.changing { file throws(StoreError) in
            guard pendingBlocks > 0 else { return }
            try file.database.transaction { () throws(StoreError) in try file.state.writePending() }
        }
        pendingBlocks = 0
        pendingChanges = 0
        makeRoom()
    }
}

extension LoadedState {
    func value(for key: StateKey) throws(StoreError) -> [UInt8]? {
        let path = hash.path(of: key)
        let end = tree.end(of: path)
        return try bucket(of: end.branch, at: TreePath(path, depth: end.depth)).value(of: path)
    }

    func values(for keys: [StateKey]) throws(StateError) -> [[UInt8]?] {
        let paths = hash.paths(of: keys)
        let ends = tree.ends(of: paths)
        var values: [[UInt8]?] = []
        values.reserveCapacity(keys.count)
        for index in keys.indices {
            let (path, end) = (paths[index], ends[index])
            do {
                values.append(try bucket(of: end.branch, at: TreePath(path, depth: end.depth)).value(of: path))
            } catch {
                throw StateError(error, reading: keys[index])
            }
        }
        return values
    }

    func bucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        try bucket(of: tree.end(of: place.prefix).branch, at: place)
    }

    private func bucket(of branch: TreeBranch, at place: TreePath) throws(StoreError) -> TreeBucket {
        // After a failed write it holds a block that nobody will see again.
        try writer.requireNoFailure()
        if let bucket = tree.bucket(of: branch) { return bucket }
        let bucket = try writer.file().state.bucket(at: place)
        guard holds(bucket, at: place, as: branch) else { throw .damaged(row: "state below \(place)") }
        return bucket
    }

    private func holds(_ bucket: TreeBucket, at place: TreePath, as branch: TreeBranch) -> Bool {
        hash.hash(of: bucket, at: place.depth) == branch.subtree.hash
    }
}

extension LoadedState {
    /// Builds the tree over what the file holds: the table, then what is pending.
    func load(through head: Height) throws(StoreError) {
        var last: UInt64?
        let rows = try writer.file().state
        tree = try rows.tree(room: limits.stateCache)
        try rows.eachPending { height, changes throws(StoreError) in
            let changes = try rows.decoding(height) { () throws(DecodeError) in try PendingChanges.decode(changes) }
            try add(changes)
            pendingBlocks += 1
            pendingChanges += changes.count
            last = height
        }
        if let last, last < head.number {
            throw .damaged(row: "pending changes of block \(last + 1) are missing")
        }
        makeRoom()
    }

    private func add(_ changes: [StateChange]) throws(StoreError) {
        do {
            tree.take(try hash.apply(changes, to: StoredState(loaded: self)))
        } catch {
            throw StoreError(error)
        }
    }

    /// Where the bucket lies that a path ends in.
    func end(of path: Digest) -> (place: TreePath, branch: TreeBranch) {
        let end = tree.end(of: path)
        return (TreePath(path, depth: end.depth), end.branch)
    }

    /// Reads a bucket from the table again, and says how many entries and bytes it has. One that blocks changed which are still
    /// pending is not what the table has; its rows are, each by itself.
    func look(
        at place: TreePath, as branch: TreeBranch, in file: ChainFile
    ) throws(StoreError) -> (count: Int, bytes: Int) {
        let found = try file.state.bucket(at: place)
        let mayDiffer = pendingBlocks > 0 && tree.bucket(of: branch) != nil
        guard mayDiffer || holds(found, at: place, as: branch) else { throw .damaged(row: "state below \(place)") }
        return (found.count, found.byteCount)
    }

    /// Reads every entry again and names those that are not what the tree says; nothing is pending.
    func scrub(_ findings: inout [String]) throws(StoreError) {
        let rows = try writer.file().state
        let (count, damaged) = try rows.damagedEntries()
        findings += damaged
        guard damaged.isEmpty else { return }
        try tree.forEachBucket { (place, branch) throws(StoreError) in
            if !holds(try rows.bucket(at: place), at: place, as: branch) { findings.append("state below \(place)") }
        }
        let expected = tree.count
        if count != expected { findings.append("state: \(count) entries where there should be \(expected)") }
    }
}
