public import CairnBase

/// Moves the state tree from one block to the next, touching only the buckets the changes lie in and the nodes above.
///
/// Changes arrive together and are walked in the order of their paths, so a node that many share is hashed once per
/// block.
public struct StateTree<Hash: HashFunction>: Sendable {
    @usableFromInline let hash: TreeHash<Hash>

    @inlinable
    public init(_ hash: Hash) {
        self.hash = TreeHash(hash)
    }

    /// Where an entry lies in the tree.
    @inlinable
    public func path(of key: StateKey) -> Digest { hash.path(key) }

    @inlinable
    public func leaf(at path: Digest, _ value: [UInt8]) -> TreeLeaf { hash.leaf(at: path, value) }

    /// The hash of the subtree that a bucket at a depth is.
    @inlinable
    public func hash(of bucket: TreeBucket, at depth: Int) -> Digest {
        hash.fold(bucket.slots, 0..<bucket.count, bit: depth)
    }

    @inlinable
    public func apply<State: StateReader>(
        _ changes: [StateChange], to state: State
    ) throws(StateError) -> TreeUpdate {
        var entries = changes.map { change in
            let path = hash.path(change.key)
            let leaf = change.value.map { hash.leaf(at: path, $0) } ?? TreeLeaf(path: path, hash: .zero)
            return TreeUpdate.Entry(leaf: leaf, value: change.value)
        }
        entries.sort { $0.leaf.path < $1.leaf.path }
        var pass = TreePass(hash: hash, state: state, entries: entries)
        return TreeUpdate(tree: try pass.apply(0..<entries.count, to: state.tree, at: 0), growth: pass.growth)
    }
}

/// One walk over the tree with the changes of a block.
@usableFromInline
struct TreePass<Hash: HashFunction, State: StateReader> {
    @usableFromInline let hash: TreeHash<Hash>
    @usableFromInline let state: State
    /// In the order of their paths.
    @usableFromInline let entries: [TreeUpdate.Entry]
    @usableFromInline var growth = 0

    @inlinable
    init(hash: TreeHash<Hash>, state: State, entries: [TreeUpdate.Entry]) {
        self.hash = hash
        self.state = state
        self.entries = entries
    }

    @inlinable
    mutating func apply(
        _ range: Range<Int>, to node: TreeNode?, at depth: Int
    ) throws(StateError) -> TreeNode? {
        if range.isEmpty { return node }
        guard let node else { return lay(TreeBucket().applying(entries[range]), at: depth) }
        if node.isBucket {
            let bucket = try take(node, at: TreePath(entries[range.lowerBound].leaf.path, depth: depth))
            return lay(bucket.applying(entries[range]), at: depth)
        }
        let middle = firstIndex(in: range, withBit: depth)
        let left = try apply(range.lowerBound..<middle, to: node.left, at: depth + 1)
        let right = try apply(middle..<range.upperBound, to: node.right, at: depth + 1)
        if (left?.count ?? 0) + (right?.count ?? 0) > TreeNode.bucketMax { return hash.join(left, right) }
        let place = TreePath(entries[range.lowerBound].leaf.path, depth: depth)
        return lay(try take(left, at: place.child(false)) + take(right, at: place.child(true)), at: depth)
    }

    /// The bucket of a node that will not be in the tree any more.
    @inlinable
    mutating func take(_ node: TreeNode?, at place: TreePath) throws(StateError) -> TreeBucket {
        guard let node else { return TreeBucket() }
        guard let bucket = node.bucket else { return try state.bucket(at: place) }
        growth -= bucket.byteCount
        return bucket
    }

    /// Lays entries down where no node stands, parting them into buckets where they are many.
    @inlinable
    mutating func lay(_ bucket: TreeBucket, at depth: Int) -> TreeNode? {
        if bucket.count == 0 { return nil }
        if bucket.count > TreeNode.bucketMax {
            let (left, right) = bucket.parted(at: depth)
            return hash.join(lay(left, at: depth + 1), lay(right, at: depth + 1))
        }
        growth += bucket.byteCount
        return TreeNode(
            hash: hash.fold(bucket.slots, 0..<bucket.count, bit: depth), count: bucket.count, bucket: bucket)
    }

    /// Where the entries whose given bit is set begin; they come last.
    @inlinable
    func firstIndex(in range: Range<Int>, withBit bit: Int) -> Int {
        var (low, high) = (range.lowerBound, range.upperBound)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].leaf.path.raw.bit(bit) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
