public import CairnBase

/// The committed state tree down to its buckets, as a value that is shared and never changed: a block makes the nodes on
/// its paths anew and takes all others over.
///
/// A subtree of at most `bucketMax` leaves is a bucket and has no nodes below it, so the shape follows from the set of
/// leaves, like the root does.
public final class TreeNode: Sendable {
    public let hash: Digest
    public let count: Int
    let left: TreeNode?
    let right: TreeNode?

    /// Wide enough that nodes cost little memory beside their leaves, narrow enough that hashing a bucket again does.
    public static let bucketMax = 16

    init(hash: Digest, count: Int, left: TreeNode? = nil, right: TreeNode? = nil) {
        self.hash = hash
        self.count = count
        self.left = left
        self.right = right
    }

    public var isBucket: Bool { count <= Self.bucketMax }

    /// The bucket in which a path ends; nil where the tree is empty.
    public func bucket(of path: Digest) -> (place: TreePath, node: TreeNode)? {
        var node = self
        var place = TreePath.root
        while !node.isBucket {
            let isRight = path.raw.bit(place.depth)
            guard let next = isRight ? node.right : node.left else { return nil }
            node = next
            place = place.child(isRight)
        }
        return (place, node)
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
