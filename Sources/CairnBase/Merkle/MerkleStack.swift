/// The root of a `MerkleList` whose leaves arrive one by one, in memory that grows with the height of the tree only.
public struct MerkleStack: Sendable {
    /// Tops of full trees, the largest first; bit i of `count` says whether one of 2^i leaves is among them.
    private var tops: [Digest] = []
    public private(set) var count: UInt64 = 0

    public init() {}

    public mutating func append(_ leaf: Digest, using hash: some HashFunction) {
        var top = leaf
        for _ in 0..<count.trailingOneBits {
            top = hash.digest(MerkleList.nodeTag, tops.removeLast().raw, top.raw)
        }
        tops.append(top)
        count += 1
    }

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
