public import CairnBase

/// What a subtree is, wherever it lies: its hash, and how many entries it has.
public struct Subtree: Sendable, Equatable {
    public let hash: Digest
    @usableFromInline let leaves: UInt32

    public static let empty = Subtree(hash: .zero, leaves: 0)

    /// Narrow enough that hashing a bucket again costs little, wide enough that forks take little memory beside it.
    public static let bucketMax = 8

    @usableFromInline
    init(hash: Digest, leaves: UInt32) {
        self.hash = hash
        self.leaves = leaves
    }

    public var count: Int { Int(leaves) }
    public var isEmpty: Bool { leaves == 0 }
    /// One of few leaves is a bucket and has no forks, so the shape follows from the set of leaves, as the root does.
    public var isBucket: Bool { leaves <= UInt32(Self.bucketMax) }
}

/// A subtree and where it lies in the arrays of the committed tree.
public struct TreeBranch: Sendable, Equatable {
    public let subtree: Subtree
    /// The index of its bucket, or of its fork.
    let place: UInt32

    public static let empty = TreeBranch(.empty, place: 0)

    @usableFromInline
    init(_ subtree: Subtree, place: UInt32) {
        self.subtree = subtree
        self.place = place
    }

    var index: Int { Int(place) }
}

/// The two halves of a subtree that is more than a bucket. Their hashes lie here and not with the halves themselves, so
/// that a walk touches one fork a level.
@usableFromInline
struct TreeFork: Sendable, Equatable {
    @usableFromInline let left: TreeBranch
    @usableFromInline let right: TreeBranch

    @usableFromInline
    init(_ left: TreeBranch, _ right: TreeBranch) {
        self.left = left
        self.right = right
    }

    @inlinable
    func half(_ isRight: Bool) -> TreeBranch { isRight ? right : left }
}
