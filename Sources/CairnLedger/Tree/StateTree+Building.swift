public import CairnBase

extension StateTree {
    /// The tree over entries that come in the strict order of their paths, built from its leaves up in one pass.
    ///
    /// Buckets are held while they take no more than `room` bytes together; of the others only the hash is kept.
    @inlinable
    public func build<Failure: Error>(
        room: Int, from next: () throws(Failure) -> TreeEntry?
    ) throws(Failure) -> CommittedTree {
        var builder = TreeBuilder(hash: hash, room: room)
        let root = try builder.subtree(at: .root, from: next)
        return CommittedTree(root: root, builder.forks, builder.buckets)
    }
}

/// Looks one bucket and one entry ahead, which shows whether what comes next is a bucket or more.
///
/// A fork is put before what lies below it, so that neighbours in the tree are neighbours in memory.
@usableFromInline
struct TreeBuilder<Hash: HashFunction> {
    @usableFromInline let hash: TreeHash<Hash>
    @usableFromInline let room: Int
    @usableFromInline var forks: [TreeFork] = []
    @usableFromInline var buckets: [TreeBucket?] = []
    @usableFromInline var held = 0
    @usableFromInline var ahead: [TreeEntry] = []
    @usableFromInline var isAtEnd = false

    @inlinable
    init(hash: TreeHash<Hash>, room: Int) {
        self.hash = hash
        self.room = room
        ahead.reserveCapacity(Subtree.bucketMax + 1)
    }

    @inlinable
    mutating func subtree<Failure: Error>(
        at place: TreePath, from next: () throws(Failure) -> TreeEntry?
    ) throws(Failure) -> TreeBranch {
        try look(next)
        let count = ahead.firstIndex { !place.holds($0.leaf.path) } ?? ahead.count
        if count <= Subtree.bucketMax { return bucket(of: count, at: place.depth) }
        let index = forks.count
        forks.append(TreeFork(.empty, .empty))
        let left = try subtree(at: place.child(false), from: next)
        let right = try subtree(at: place.child(true), from: next)
        forks[index] = TreeFork(left, right)
        return TreeBranch(hash.join(left.subtree, right.subtree), place: UInt32(truncatingIfNeeded: index))
    }

    @inlinable
    mutating func look<Failure: Error>(_ next: () throws(Failure) -> TreeEntry?) throws(Failure) {
        while ahead.count <= Subtree.bucketMax, !isAtEnd {
            if let entry = try next() { ahead.append(entry) } else { isAtEnd = true }
        }
    }

    @inlinable
    mutating func bucket(of count: Int, at depth: Int) -> TreeBranch {
        if count == 0 { return .empty }
        let bucket = TreeBucket(ahead[..<count])
        ahead.removeFirst(count)
        let isHeld = held + bucket.byteCount <= room
        if isHeld { held += bucket.byteCount }
        buckets.append(isHeld ? bucket : nil)
        let subtree = Subtree(hash: hash.fold(bucket, 0..<count, bit: depth), leaves: UInt32(truncatingIfNeeded: count))
        return TreeBranch(subtree, place: UInt32(truncatingIfNeeded: buckets.count - 1))
    }
}
