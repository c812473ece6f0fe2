public import CairnBase

/// Nodes of the tree whose hashes are worked out together when the whole shape is known, those of one height at once:
/// a processor hashes several messages side by side in little more time than one.
@usableFromInline
struct PendingNodes: Sendable {
    /// Where a hash stands, or will.
    @usableFromInline typealias Place = UInt32

    /// One hash for each place: those known from the start, and zero until the others are worked out.
    @usableFromInline private(set) var digests: [Digest] = []
    /// How far each is from what was known.
    private var heights: [UInt16] = []
    /// The nodes of height one, of height two and so on.
    private var levels: [[Node]] = []

    private struct Node {
        let left: Place
        let right: Place
        let place: Place
    }

    @usableFromInline
    init(capacity: Int) {
        digests.reserveCapacity(capacity)
        heights.reserveCapacity(capacity)
    }

    @usableFromInline
    mutating func known(_ digest: Digest) -> Place { place(digest, height: 0) }

    @usableFromInline
    mutating func node(_ left: Place, _ right: Place) -> Place {
        let height = 1 + max(heights[Int(left)], heights[Int(right)])
        let place = place(.zero, height: height)
        if levels.count < height { levels.append([]) }
        levels[Int(height) - 1].append(Node(left: left, right: right, place: place))
        return place
    }

    private mutating func place(_ digest: Digest, height: UInt16) -> Place {
        digests.append(digest)
        heights.append(height)
        return Place(truncatingIfNeeded: digests.count - 1)
    }

    /// All hashes, in the order of their places.
    @usableFromInline
    mutating func workOut(with hash: (_ halves: [Digest]) -> [Digest]) -> [Digest] {
        var halves: [Digest] = []
        for level in levels {
            halves.removeAll(keepingCapacity: true)
            for node in level {
                halves.append(digests[Int(node.left)])
                halves.append(digests[Int(node.right)])
            }
            for (node, digest) in zip(level, hash(halves)) { digests[Int(node.place)] = digest }
        }
        return digests
    }
}

extension PendingNodes {
    /// A subtree whose hash is not known yet.
    @usableFromInline
    struct Branch {
        @usableFromInline let hash: Place
        @usableFromInline let leaves: UInt32

        @usableFromInline
        init(hash: Place, leaves: UInt32) {
            self.hash = hash
            self.leaves = leaves
        }
    }
}
