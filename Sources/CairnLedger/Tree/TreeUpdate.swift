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

    /// What becomes of one subtree.
    @usableFromInline
    enum Step: Sendable {
        case same
        case nothing
        case bucket(TreeBucket, Subtree)
        /// The steps of its two halves follow.
        case fork(Subtree)
    }

    /// The root of the tree it was made from; it fits on no other.
    let base: Digest
    public let root: Digest
    let steps: [Step]

    /// Nothing changes in an empty tree.
    public init() {
        self.init(base: .zero, root: .zero, steps: [.same])
    }

    @usableFromInline
    init(base: Digest, root: Digest, steps: [Step]) {
        (self.base, self.root, self.steps) = (base, root, steps)
    }

    public static func == (left: TreeUpdate, right: TreeUpdate) -> Bool {
        left.base == right.base && left.root == right.root
    }
}
