/// The root of a `MerkleList` whose leaves arrive one by one, in memory that grows with the height of the tree only.
public struct MerkleStack: Sendable {
    /// Tops of full trees, the largest first; bit i of `count` says whether one of 2^i leaves is among them.
    private var tops: [Digest] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    public mutating func append(_ leaf: Digest, using hash: some HashFunction) {
        append(leaf, height: 0, using: hash)
    }

    /// Takes the top of a full tree of 2^`height` leaves in their place; so many must have come before, or a multiple.
    public mutating func append(_ top: Digest, height: Int, using hash: some HashFunction) {
        invariant(count & ((1 << height) - 1) == 0, "a full tree begins where one may begin")
        var top = top
        for _ in 0..<(count >> height).trailingOneBits {
            top = hash.digest(MerkleList.nodeTag, tops.removeLast().raw, top.raw)
        }
        tops.append(top)
        count += 1 << height
    }

    /// The top of what has arrived, if that is one full tree.
    public var fullTop: Digest? { tops.count == 1 ? tops[0] : nil }

    /// The root over what has arrived so far.
    public func root(using hash: some HashFunction) -> Digest {
        var top = tops.last ?? .zero
        for left in tops.dropLast().reversed() {
            top = hash.digest(MerkleList.nodeTag, left.raw, top.raw)
        }
        return MerkleList.root(count: count, top: top, using: hash)
    }
}

extension UInt64 {
    fileprivate var trailingOneBits: Int { (~self).trailingZeroBitCount }
}
