public import CairnBase

/// The committed state tree, as a value that is shared and never changed: a block makes the nodes on its paths anew and
/// takes all others over.
///
/// A subtree of at most `bucketMax` leaves is a bucket and has no nodes below it, so the shape follows from the set of
/// leaves, like the root does. A node holds its bucket, or only knows it by its hash: then whoever keeps the state can
/// read it again.
public final class TreeNode: Sendable {
    public let hash: Digest
    public let count: Int
    @usableFromInline let left: TreeNode?
    @usableFromInline let right: TreeNode?
    /// What lies in a bucket; nil where it was let go, and above the buckets.
    public let bucket: TreeBucket?

    /// Wide enough that nodes cost little memory beside their leaves, narrow enough that hashing a bucket again does.
    public static let bucketMax = 16

    @usableFromInline
    init(hash: Digest, count: Int, left: TreeNode? = nil, right: TreeNode? = nil, bucket: TreeBucket? = nil) {
        self.hash = hash
        self.count = count
        self.left = left
        self.right = right
        self.bucket = bucket
    }

    public var isBucket: Bool { count <= Self.bucketMax }

    /// The bucket in which a path ends; nil where the tree is empty.
    public func end(of path: Digest, from depth: Int = 0) -> (node: TreeNode, depth: Int)? {
        if isBucket { return (self, depth) }
        return (path.raw.bit(depth) ? right : left)?.end(of: path, from: depth + 1)
    }

    /// Every bucket with its place, in the order of paths.
    public func forEachBucket<Failure: Error>(
        at place: TreePath = .root, do body: (TreePath, TreeNode) throws(Failure) -> Void
    ) throws(Failure) {
        if isBucket { return try body(place, self) }
        try left?.forEachBucket(at: place.child(false), do: body)
        try right?.forEachBucket(at: place.child(true), do: body)
    }
}

extension TreeNode: Equatable {
    public static func == (left: TreeNode, right: TreeNode) -> Bool {
        left.hash == right.hash && left.count == right.count
    }
}
