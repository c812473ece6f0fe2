public import CairnBase

/// What a block does to the state tree: the new tree, and the buckets in which it differs from the old one.
public struct TreeUpdate: Sendable, Equatable {
    /// One changed entry, at its place.
    struct Entry {
        let leaf: TreeLeaf
        let value: [UInt8]?
    }

    public internal(set) var tree: TreeNode?
    /// What lies in each bucket now; nil where there is none any more.
    public internal(set) var buckets: [(place: TreePath, bucket: TreeBucket?)] = []

    public init(tree: TreeNode? = nil) {
        self.tree = tree
    }

    public var root: Digest { tree?.hash ?? .zero }

    public static func == (left: TreeUpdate, right: TreeUpdate) -> Bool {
        left.tree == right.tree && left.buckets.elementsEqual(right.buckets) { $0 == $1 }
    }
}
