public import CairnBase

/// The root of a piece whose bytes arrive in portions of any size, in memory that does not grow with the piece.
///
/// The top over each unit's leaves is kept on the way: it is a node of the piece's own tree, and tells later in which
/// unit a byte has changed.
public struct PieceDigest: Sendable {
    private static let heightOfUnit = StorageUnits.leavesPerUnit.trailingZeroBitCount
    /// Trees of 2^3 leaves are hashed side by side.
    private static let heightOfGroup = 3

    /// The beginning of a leaf that is not whole yet.
    private var begun: [UInt8] = []
    private var unit = MerkleStack()
    private var piece = MerkleStack()
    public private(set) var unitTops: [Digest] = []
    public private(set) var byteCount = 0

    public init() { begun.reserveCapacity(StorageUnits.leafBytes) }

    public mutating func update(_ bytes: RawSpan, using hash: some HashFunction) {
        byteCount += bytes.byteCount
        var rest = bytes
        if !begun.isEmpty {
            let missing = min(StorageUnits.leafBytes - begun.count, rest.byteCount)
            Self.append(rest.extracting(first: missing), to: &begun)
            rest = rest.extracting(droppingFirst: missing)
            guard begun.count == StorageUnits.leafBytes else { return }
            add(MerkleList.leaf(begun.span.bytes, using: hash), height: 0, using: hash)
            begun.removeAll(keepingCapacity: true)
        }
        let whole = rest.byteCount & ~(StorageUnits.leafBytes - 1)
        let leaves = MerkleList.leaves(rest.extracting(first: whole), each: StorageUnits.leafBytes, using: hash)
        add(leaves[...], using: hash)
        Self.append(rest.extracting(droppingFirst: whole), to: &begun)
    }

    /// What the bytes so far are called; nil unless they are whole units, and no more than a piece may have.
    public func name(using hash: some HashFunction) -> PieceName? {
        guard begun.isEmpty, unit.count == 0 else { return nil }
        return PieceName(root: piece.root(using: hash), units: unitTops.count)
    }

    private mutating func add(_ leaves: ArraySlice<Digest>, using hash: some HashFunction) {
        let group = 1 << Self.heightOfGroup
        let before = leaves.prefix((group - Int(unit.count) % group) % group)
        let rest = leaves.dropFirst(before.count)
        let (grouped, behind) = (rest.prefix(rest.count & ~(group - 1)), rest.suffix(rest.count % group))
        for leaf in before { add(leaf, height: 0, using: hash) }
        for top in MerkleList.tops(of: grouped, height: Self.heightOfGroup, using: hash) {
            add(top, height: Self.heightOfGroup, using: hash)
        }
        for leaf in behind { add(leaf, height: 0, using: hash) }
    }

    /// Takes the top of a full tree of leaves; a unit is whole behind a multiple of them.
    private mutating func add(_ top: Digest, height: Int, using hash: some HashFunction) {
        unit.append(top, height: height, using: hash)
        guard unit.count == UInt64(StorageUnits.leavesPerUnit), let top = unit.fullTop else { return }
        unit = MerkleStack()
        unitTops.append(top)
        piece.append(top, height: Self.heightOfUnit, using: hash)
    }

    private static func append(_ bytes: RawSpan, to begun: inout [UInt8]) {
        // SAFETY: the borrowed bytes are copied before the closure returns.
        unsafe bytes.withUnsafeBytes { unsafe begun.append(contentsOf: $0) }
    }
}
