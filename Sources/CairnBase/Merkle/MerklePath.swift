/// The way from one leaf of a `MerkleList` to its root: the existing siblings, bottom first.
///
/// On which side each stands follows from the leaf's index and the number of leaves, so the path carries neither.
public struct MerklePath: Sendable, Hashable {
    public let siblings: [Digest]

    /// A tree of 2^64 leaves is 64 levels high.
    public static let siblingsMax = 64

    public init(siblings: [Digest]) { self.siblings = siblings }

    /// True if the list with this root has `count` leaves and this one at `index`.
    public func shows(
        _ leaf: Digest, at index: UInt64, of count: UInt64, in root: Digest, using hash: some HashFunction
    ) -> Bool {
        self.root(of: leaf, at: index, of: count, using: hash) == root
    }

    /// The root of the list that has `count` leaves, this one at `index` and these siblings beside its way; nil if a
    /// sibling is too many or too few.
    public func root(
        of leaf: Digest, at index: UInt64, of count: UInt64, using hash: some HashFunction
    ) -> Digest? {
        guard index < count else { return nil }
        var rest = siblings[...]
        var (node, position, last) = (leaf, index, count - 1)
        while last > 0 {
            if position % 2 == 1 {
                guard let sibling = rest.popFirst() else { return nil }
                node = hash.digest(MerkleList.nodeTag, sibling.raw, node.raw)
            } else if position < last {
                guard let sibling = rest.popFirst() else { return nil }
                node = hash.digest(MerkleList.nodeTag, node.raw, sibling.raw)
            }
            position /= 2
            last /= 2
        }
        return rest.isEmpty ? MerkleList.root(count: count, top: node, using: hash) : nil
    }
}
