public import CairnBase

extension StateTree {
    /// The tree over entries that come in the strict order of their paths, built from its leaves up in one pass.
    ///
    /// Buckets are held while they take no more than `room` bytes together; of the others only the hash is kept.
    @inlinable
    public func build<Failure: Error>(
        room: Int, from next: () throws(Failure) -> TreeEntry?
    ) throws(Failure) -> TreeUpdate {
        var builder = TreeBuilder(hash: hash, room: room)
        let tree = try builder.subtree(at: .root, from: next)
        return TreeUpdate(tree: tree, growth: builder.held)
    }
}

/// Looks one bucket and one entry ahead, which shows whether what comes next is a bucket or more.
@usableFromInline
struct TreeBuilder<Hash: HashFunction> {
    @usableFromInline let hash: TreeHash<Hash>
    @usableFromInline let room: Int
    @usableFromInline var held = 0
    @usableFromInline var ahead: [TreeEntry] = []
    @usableFromInline var isAtEnd = false

    @inlinable
    init(hash: TreeHash<Hash>, room: Int) {
        self.hash = hash
        self.room = room
        ahead.reserveCapacity(TreeNode.bucketMax + 1)
    }

    @inlinable
    mutating func subtree<Failure: Error>(
        at place: TreePath, from next: () throws(Failure) -> TreeEntry?
    ) throws(Failure) -> TreeNode? {
        try look(next)
        let count = ahead.firstIndex { !place.holds($0.leaf.path) } ?? ahead.count
        if count <= TreeNode.bucketMax { return bucket(of: count, at: place.depth) }
        let left = try subtree(at: place.child(false), from: next)
        let right = try subtree(at: place.child(true), from: next)
        return hash.join(left, right)
    }

    @inlinable
    mutating func look<Failure: Error>(_ next: () throws(Failure) -> TreeEntry?) throws(Failure) {
        while ahead.count <= TreeNode.bucketMax, !isAtEnd {
            if let entry = try next() { ahead.append(entry) } else { isAtEnd = true }
        }
    }

    @inlinable
    mutating func bucket(of count: Int, at depth: Int) -> TreeNode? {
        if count == 0 { return nil }
        var bucket = TreeBucket(leaves: count, bytes: ahead[..<count].reduce(0) { $0 + $1.value.count })
        for entry in ahead[..<count] { bucket.append(entry.leaf, entry.value) }
        ahead.removeFirst(count)
        let isHeld = held + bucket.byteCount <= room
        if isHeld { held += bucket.byteCount }
        return TreeNode(
            hash: hash.fold(bucket.slots, 0..<count, bit: depth), count: count, bucket: isHeld ? bucket : nil)
    }
}
