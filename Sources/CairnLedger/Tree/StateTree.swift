public import CairnBase

/// Moves the state tree from one block to the next, touching only the buckets the changes lie in and the nodes above.
///
/// Changes arrive together and are walked in the order of their paths, so a node that many share is hashed once per
/// block.
public struct StateTree<Hash: HashFunction>: Sendable {
    let hash: TreeHash<Hash>

    public init(_ hash: Hash) {
        self.hash = TreeHash(hash)
    }

    /// Where an entry lies in the tree.
    public func path(of key: StateKey) -> Digest { hash.path(key) }

    public func leaf(at path: Digest, _ value: [UInt8]) -> TreeLeaf { hash.leaf(at: path, value) }

    /// The hash of the subtree that a bucket at a place is.
    public func hash(of bucket: TreeBucket, at place: TreePath) -> Digest {
        hash.fold(bucket.leaves[...], bit: place.depth)
    }

    public func apply(_ changes: [StateChange], to state: some StateReader) throws(StateError) -> TreeUpdate {
        var entries = changes.map { change in
            let path = hash.path(change.key)
            let leaf = change.value.map { hash.leaf(at: path, $0) } ?? TreeLeaf(path: path, hash: .zero)
            return TreeUpdate.Entry(leaf: leaf, value: change.value)
        }
        entries.sort { $0.leaf.path < $1.leaf.path }
        var update = TreeUpdate()
        update.buckets.reserveCapacity(entries.count)
        update.tree = try apply(entries[...], to: state.tree, at: .root, in: state, &update)
        return update
    }

    private func apply(
        _ entries: ArraySlice<TreeUpdate.Entry>, to node: TreeNode?, at place: TreePath, in state: some StateReader,
        _ update: inout TreeUpdate
    ) throws(StateError) -> TreeNode? {
        if entries.isEmpty { return node }
        guard let node else { return lay(TreeBucket().applying(entries), at: place, existed: false, &update) }
        if node.isBucket {
            let bucket = try state.bucket(at: place).applying(entries)
            return lay(bucket, at: place, existed: true, &update)
        }
        let mark = update.buckets.count
        let middle = entries.partitionPoint { $0.leaf.path.raw.bit(place.depth) }
        let left = try apply(entries[..<middle], to: node.left, at: place.child(false), in: state, &update)
        let right = try apply(entries[middle...], to: node.right, at: place.child(true), in: state, &update)
        guard (left?.count ?? 0) + (right?.count ?? 0) > TreeNode.bucketMax else {
            let bucket =
                try take(left, at: place.child(false), in: state, &update, since: mark)
                + take(right, at: place.child(true), in: state, &update, since: mark)
            return lay(bucket, at: place, existed: false, &update)
        }
        return join(left, right)
    }

    /// Removes a bucket whose parent has become one itself, and hands over what was in it.
    private func take(
        _ node: TreeNode?, at place: TreePath, in state: some StateReader, _ update: inout TreeUpdate, since mark: Int
    ) throws(StateError) -> TreeBucket {
        let written = update.buckets[mark...].lastIndex { $0.place == place }
        defer { if node != nil || written != nil { update.buckets.append((place, nil)) } }
        guard let written else { return node == nil ? TreeBucket() : try state.bucket(at: place) }
        return update.buckets.remove(at: written).bucket ?? TreeBucket()
    }

    /// Lays entries down where no node stands, parting them into buckets where they are many.
    private func lay(
        _ bucket: TreeBucket, at place: TreePath, existed: Bool, _ update: inout TreeUpdate
    ) -> TreeNode? {
        let count = bucket.leaves.count
        if count > TreeNode.bucketMax {
            if existed { update.buckets.append((place, nil)) }
            let (left, right) = bucket.parted(at: place.depth)
            return join(
                lay(left, at: place.child(false), existed: false, &update),
                lay(right, at: place.child(true), existed: false, &update))
        }
        guard count > 0 else {
            if existed { update.buckets.append((place, nil)) }
            return nil
        }
        update.buckets.append((place, bucket))
        return TreeNode(hash: hash(of: bucket, at: place), count: count)
    }

    private func join(_ left: TreeNode?, _ right: TreeNode?) -> TreeNode {
        TreeNode(
            hash: hash.node(left?.hash ?? .zero, right?.hash ?? .zero), count: (left?.count ?? 0) + (right?.count ?? 0),
            left: left, right: right)
    }
}

extension ArraySlice {
    /// Where the elements that satisfy a condition begin, if those that do not come first.
    fileprivate func partitionPoint(_ isBehind: (Element) -> Bool) -> Index {
        var range = startIndex..<endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = isBehind(self[middle]) ? range.lowerBound..<middle : middle + 1..<range.upperBound
        }
        return range.lowerBound
    }
}
