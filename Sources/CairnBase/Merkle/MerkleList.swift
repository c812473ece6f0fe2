/// A Merkle tree over a list: one root for many leaves, and for each leaf a path that shows its place in it.
///
/// A leaf, an inner node and the root are hashed under different tags, and the root covers the number of leaves: no
/// node passes for a leaf, and a list cannot be read as a longer or a shorter one. A last node without a partner moves
/// up as it is, so nothing is ever hashed with itself.
public struct MerkleList: Sendable {
    static let leafTag = DomainTag("cn/leaf")
    static let nodeTag = DomainTag("cn/node")
    static let rootTag = DomainTag("cn/root")

    /// From the leaves up to the single top; none for an empty list.
    private let levels: [[Digest]]
    public let root: Digest

    /// The tree over hashes that `MerkleList.leaf` made.
    public init(leaves: [Digest], using hash: some HashFunction) {
        var levels: [[Digest]] = leaves.isEmpty ? [] : [leaves]
        while let below = levels.last, below.count > 1 {
            let pairs = below.count & ~1
            levels.append(hash.digests(Self.nodeTag, pairs: below[..<pairs]) + below[pairs...])
        }
        self.levels = levels
        root = Self.root(count: UInt64(leaves.count), top: levels.last?.first ?? .zero, using: hash)
    }

    public var count: Int { levels.first?.count ?? 0 }

    /// What a larger tree has in the place of these leaves; nil for an empty list.
    public var top: Digest? { levels.last?.first }

    /// What stands beside the way from the leaf at `index` to the top, bottom first; nil if there is no such leaf.
    public func path(to index: Int) -> MerklePath? {
        guard index >= 0, index < count else { return nil }
        var siblings: [Digest] = []
        var position = index
        for level in levels.dropLast() {
            if position ^ 1 < level.count { siblings.append(level[position ^ 1]) }
            position /= 2
        }
        return MerklePath(siblings: siblings)
    }

    public static func leaf(_ data: RawSpan, using hash: some HashFunction) -> Digest {
        hash.digest(leafTag, data)
    }

    /// Of leaves of one length that lie end to end.
    public static func leaves(_ data: RawSpan, each length: Int, using hash: some HashFunction) -> [Digest] {
        hash.digests(leafTag, of: data, each: length)
    }

    /// The tops of full trees of 2^`height` leaves each, whose leaves lie side by side.
    public static func tops(
        of leaves: ArraySlice<Digest>, height: Int, using hash: some HashFunction
    ) -> ArraySlice<Digest> {
        var tops = leaves
        for _ in 0..<height { tops = hash.digests(nodeTag, pairs: tops)[...] }
        return tops
    }

    static func root(count: UInt64, top: Digest, using hash: some HashFunction) -> Digest {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + Bytes32.count)
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        top.raw.append(to: &bytes)
        return hash.digest(rootTag, bytes)
    }
}
