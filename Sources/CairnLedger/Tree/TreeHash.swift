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

    @inlinable
    func join(_ left: Subtree, _ right: Subtree) -> Subtree {
        Subtree(hash: node(left.hash, right.hash), leaves: left.leaves + right.leaves)
    }

    /// The subtree over entries of a bucket that agree in their first `bit` bits. Entries that lie as they should part
    /// before their bits end; a damaged disk may hand out one twice, and then the hash is wrong and the walk still ends.
    @inlinable
    func fold(_ bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> Digest {
        if range.isEmpty { return .zero }
        if range.count == 1 || bit >= StateProof.depthMax { return bucket.hash(at: range.lowerBound) }
        let middle = split(bucket, range, bit: bit)
        return node(
            fold(bucket, range.lowerBound..<middle, bit: bit + 1), fold(bucket, middle..<range.upperBound, bit: bit + 1)
        )
    }

    /// Where the entries whose given bit is set begin.
    @inlinable
    func split(_ bucket: TreeBucket, _ range: Range<Int>, bit: Int) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, !bucket.path(at: index).raw.bit(bit) { index += 1 }
        return index
    }
}
