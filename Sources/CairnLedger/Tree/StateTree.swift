public import CairnBase

/// Moves the state tree from one block to the next, touching only the buckets the changes lie in and the forks above.
///
/// Changes arrive together and are walked in the order of their paths, so a fork that many share is hashed once per
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
    public func paths(of keys: [StateKey]) -> [Digest] { hash.paths(keys) }

    /// The leaves that entries are; one without a value is zero.
    @inlinable
    public func leaves(of entries: [StateChange]) -> [TreeLeaf] { hash.leaves(of: entries) }

    @inlinable
    public func leaf(at path: Digest, _ value: [UInt8]) -> TreeLeaf { hash.leaf(at: path, value) }

    /// The hash of the subtree that a bucket at a depth is.
    @inlinable
    public func hash(of bucket: TreeBucket, at depth: Int) -> Digest {
        hash.fold(bucket, 0..<bucket.count, bit: depth)
    }

    @inlinable
    public func apply<State: StateReader>(
        _ changes: [StateChange], to state: State
    ) throws(StateError) -> TreeUpdate {
        var entries = zip(hash.leaves(of: changes), changes).map { TreeUpdate.Entry(leaf: $0, value: $1.value) }
        entries.sort { $0.leaf.path < $1.leaf.path }
        var pass = TreePass(hash: hash, state: state, entries: entries)
        let root = try pass.apply(0..<entries.count, to: pass.tree.root, at: 0)
        let hashes = pass.nodes.workOut { hash.nodes($0) }
        return TreeUpdate(base: pass.tree.hash, root: hashes[Int(root.hash)], steps: pass.steps, hashes: hashes)
    }
}

/// One walk over the tree with the changes of a block. It finds the shape of the next tree; the hashes of all its new nodes
/// are worked out together behind it.
@usableFromInline
struct TreePass<Hash: HashFunction, State: StateReader> {
    @usableFromInline let hash: TreeHash<Hash>
    @usableFromInline let state: State
    @usableFromInline let tree: CommittedTree
    /// In the order of their paths.
    @usableFromInline let entries: [TreeUpdate.Entry]
    @usableFromInline var steps: [TreeUpdate.Step] = []
    @usableFromInline var nodes: PendingNodes

    /// So many changes a block may have; only a whole state at once has more.
    @usableFromInline static var ordinary: Int { 4096 }

    @inlinable
    init(hash: TreeHash<Hash>, state: State, entries: [TreeUpdate.Entry]) {
        self.hash = hash
        self.state = state
        self.entries = entries
        tree = state.tree
        nodes = PendingNodes(capacity: min(entries.count, Self.ordinary) * 4 * Subtree.bucketMax)
    }

    /// Adds the step of a subtree, and the steps below it, for the changes that lie in it.
    @inlinable
    mutating func apply(
        _ range: Range<Int>, to branch: TreeBranch, at depth: Int
    ) throws(StateError) -> PendingNodes.Branch {
        if range.isEmpty {
            steps.append(.same)
            return PendingNodes.Branch(hash: nodes.known(branch.subtree.hash), leaves: branch.subtree.leaves)
        }
        let path = entries[range.lowerBound].leaf.path
        if branch.subtree.isBucket {
            return lay(try bucket(of: branch, at: TreePath(path, depth: depth)).applying(entries[range]), at: depth)
        }
        let (index, fork) = (steps.count, tree.fork(of: branch))
        steps.append(.nothing)
        let middle = firstIndex(in: range, withBit: depth)
        let left = try apply(range.lowerBound..<middle, to: fork.left, at: depth + 1)
        let between = steps.count
        let right = try apply(middle..<range.upperBound, to: fork.right, at: depth + 1)
        if left.leaves + right.leaves > UInt32(Subtree.bucketMax) { return join(left, right, at: index) }
        let place = TreePath(path, depth: depth)
        let merged =
            try bucket(after: steps[index + 1], instead: fork.left, at: place.child(false))
            + bucket(after: steps[between], instead: fork.right, at: place.child(true))
        steps.removeSubrange(index...)
        return lay(merged, at: depth)
    }

    @inlinable
    func bucket(of branch: TreeBranch, at place: TreePath) throws(StateError) -> TreeBucket {
        if let bucket = tree.bucket(of: branch) { return bucket }
        return try state.bucket(at: place)
    }

    /// What lies in a half that is no more than a bucket after its step.
    @inlinable
    func bucket(
        after step: TreeUpdate.Step, instead old: TreeBranch, at place: TreePath
    ) throws(StateError) -> TreeBucket {
        switch step {
        case .bucket(let bucket, _): return bucket
        case .same: return try bucket(of: old, at: place)
        case .nothing, .fork: return TreeBucket()
        }
    }

    /// Lays entries down, parting them into buckets where they are many.
    @inlinable
    mutating func lay(_ bucket: TreeBucket, at depth: Int) -> PendingNodes.Branch {
        if bucket.count == 0 {
            steps.append(.nothing)
            return PendingNodes.Branch(hash: nodes.known(.zero), leaves: 0)
        }
        if bucket.count > Subtree.bucketMax, depth < StateProof.depthMax {
            let (index, (left, right)) = (steps.count, bucket.parted(at: depth))
            steps.append(.nothing)
            return join(lay(left, at: depth + 1), lay(right, at: depth + 1), at: index)
        }
        let place = fold(bucket, 0..<bucket.count, bit: depth)
        steps.append(.bucket(bucket, hash: place))
        return PendingNodes.Branch(hash: place, leaves: UInt32(truncatingIfNeeded: bucket.count))
    }

    @inlinable
    mutating func join(
        _ left: PendingNodes.Branch, _ right: PendingNodes.Branch, at index: Int
    ) -> PendingNodes.Branch {
        let (place, leaves) = (nodes.node(left.hash, right.hash), left.leaves + right.leaves)
        steps[index] = .fork(leaves: leaves, hash: place)
        return PendingNodes.Branch(hash: place, leaves: leaves)
    }

    /// The nodes of a bucket, as `TreeHash.fold` has them.
    @inlinable
    mutating func fold(_ bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> PendingNodes.Place {
        guard let middle = hash.middle(of: bucket, range, bit: bit) else {
            return nodes.known(range.first.map(bucket.hash) ?? .zero)
        }
        let left = fold(bucket, range.lowerBound..<middle, bit: bit + 1)
        return nodes.node(left, fold(bucket, middle..<range.upperBound, bit: bit + 1))
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
