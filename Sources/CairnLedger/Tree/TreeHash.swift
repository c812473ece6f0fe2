public import CairnBase

/// The hashes of the state tree: the whole definition of a state root.
///
/// The tree is binary over the bits of paths. A subtree without leaves is zero; a subtree of exactly one leaf is
/// that leaf's hash, however high it stands; every other is the hash of its two halves. The root therefore depends on
/// the set of entries and on nothing else, and a way is about as long as the logarithm of the number of entries.
///
/// All of it is inlinable, so that the caller's hash is called directly; most of a block's time is spent here.
@usableFromInline
struct TreeHash<Hash: HashFunction>: Sendable {
    @usableFromInline let hash: Hash

    @inlinable
    init(_ hash: Hash) {
        self.hash = hash
    }

    /// Where an entry lies: its table, then 31 bytes of its key's hash. Entries of one table are neighbours in the tree
    /// and in the database, and nobody chooses where among them.
    @inlinable
    func path(_ key: StateKey) -> Digest {
        Digest(hash.digest(Tags.stateKey, key.bytes).raw.behind(key.bytes.first ?? 0))
    }

    @inlinable
    func value(_ value: [UInt8]) -> Digest { hash.digest(Tags.stateValue, value) }

    /// A leaf commits to where it lies and to the hash of its value.
    @inlinable
    func leaf(at path: Digest, _ value: Digest) -> Digest { hash.digest(Tags.stateLeaf, path.raw, value.raw) }

    @inlinable
    func leaf(at path: Digest, _ value: [UInt8]) -> TreeLeaf {
        TreeLeaf(path: path, hash: leaf(at: path, self.value(value)))
    }

    @inlinable
    func node(_ left: Digest, _ right: Digest) -> Digest { hash.digest(Tags.stateNode, left.raw, right.raw) }

    /// Those of many halves that lie in pairs.
    @inlinable
    func nodes(_ halves: [Digest]) -> [Digest] { hash.digests(Tags.stateNode, pairs: halves) }

    @inlinable
    func paths(_ keys: [StateKey]) -> [Digest] {
        zip(keys, hash.digests(Tags.stateKey, keys.map(\.bytes))).map { key, digest in
            Digest(digest.raw.behind(key.bytes.first ?? 0))
        }
    }

    /// Where changed entries lie, and what they are there; one that is removed is zero.
    @inlinable
    func leaves(of changes: [StateChange]) -> [TreeLeaf] {
        let paths = paths(changes.map(\.key))
        let written = changes.indices.filter { changes[$0].value != nil }
        var pairs: [Digest] = []
        pairs.reserveCapacity(2 * written.count)
        for (index, value) in zip(written, hash.digests(Tags.stateValue, written.map { changes[$0].value ?? [] })) {
            pairs.append(paths[index])
            pairs.append(value)
        }
        let hashes = hash.digests(Tags.stateLeaf, pairs: pairs)
        var leaves = paths.map { TreeLeaf(path: $0, hash: .zero) }
        for (index, hash) in zip(written, hashes) { leaves[index] = TreeLeaf(path: paths[index], hash: hash) }
        return leaves
    }

    @inlinable
    func join(_ left: Subtree, _ right: Subtree) -> Subtree {
        Subtree(hash: node(left.hash, right.hash), leaves: left.leaves + right.leaves)
    }

    /// The subtree over entries of a bucket that agree in their first `bit` bits.
    @inlinable
    func fold(_ bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> Digest {
        guard let middle = middle(of: bucket, range, bit: bit) else { return range.first.map(bucket.hash) ?? .zero }
        return node(
            fold(bucket, range.lowerBound..<middle, bit: bit + 1), fold(bucket, middle..<range.upperBound, bit: bit + 1)
        )
    }

    /// Where entries of a bucket part into two halves at a bit, or nil where they are no more than one.
    ///
    /// Entries that lie as they should part before their bits end; a damaged disk may hand out one twice, and then the hash
    /// is wrong and the walk still ends.
    @inlinable
    func middle(of bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> Int? {
        if range.count <= 1 || bit >= StateProof.depthMax { return nil }
        return split(bucket, range, bit: bit)
    }

    /// Where the entries whose given bit is set begin.
    @inlinable
    func split(_ bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, !bucket.path(at: index).raw.bit(bit) { index += 1 }
        return index
    }
}
