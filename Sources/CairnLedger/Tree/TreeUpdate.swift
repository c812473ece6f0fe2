public import CairnBase

/// What a block does to the state tree: the way through all that changes, from the root down and from left to right.
public struct TreeUpdate: Sendable, Equatable {
    /// One changed entry, at its place.
    @usableFromInline
    struct Entry {
        @usableFromInline let leaf: TreeLeaf
        @usableFromInline let value: [UInt8]?

        @usableFromInline
        init(leaf: TreeLeaf, value: [UInt8]?) {
            self.leaf = leaf
            self.value = value
        }
    }

    /// What becomes of one subtree. Its hash stands among those of the update.
    @usableFromInline
    enum Step: Sendable {
        case same
        case nothing
        case bucket(TreeBucket, hash: PendingNodes.Place)
        /// The steps of its two halves follow.
        case fork(leaves: UInt32, hash: PendingNodes.Place)
    }

    /// The root of the tree it was made from; it fits on no other.
    let base: Digest
    public let root: Digest
    let steps: [Step]
    private let hashes: [Digest]

    /// Nothing changes in an empty tree.
    public init() {
        self.init(base: .zero, root: .zero, steps: [.same], hashes: [])
    }

    @usableFromInline
    init(base: Digest, root: Digest, steps: [Step], hashes: [Digest]) {
        (self.base, self.root, self.steps, self.hashes) = (base, root, steps, hashes)
    }

    func subtree(_ hash: PendingNodes.Place, leaves: UInt32) -> Subtree {
        Subtree(hash: hashes[Int(hash)], leaves: leaves)
    }

    public static func == (left: TreeUpdate, right: TreeUpdate) -> Bool {
        left.base == right.base && left.root == right.root
    }
}
