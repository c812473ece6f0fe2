public import CairnBase

/// What a block does to the state tree: the tree after it, which shares with the one before all that is the same.
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

    public let tree: TreeNode?
    /// How many bytes more than the tree before it this one holds in its buckets.
    public let growth: Int

    public init(tree: TreeNode? = nil, growth: Int = 0) {
        self.tree = tree
        self.growth = growth
    }

    public var root: Digest { tree?.hash ?? .zero }

    public static func == (left: TreeUpdate, right: TreeUpdate) -> Bool { left.tree == right.tree }
}
