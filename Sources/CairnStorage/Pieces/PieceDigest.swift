public import CairnBase

/// The root of a piece whose bytes arrive in portions of any size, in memory that does not grow with the piece.
///
/// The top over each unit's leaves is kept on the way: it is a node of the piece's own tree, and tells later in which
/// unit a byte has changed.
public struct PieceDigest: Sendable {
    private static let heightOfUnit = StorageUnits.leavesPerUnit.trailingZeroBitCount

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
            add(MerkleList.leaf(begun.span.bytes, using: hash), using: hash)
            begun.removeAll(keepingCapacity: true)
        }
        while rest.byteCount >= StorageUnits.leafBytes {
            add(MerkleList.leaf(rest.extracting(first: StorageUnits.leafBytes), using: hash), using: hash)
            rest = rest.extracting(droppingFirst: StorageUnits.leafBytes)
        }
        Self.append(rest, to: &begun)
    }

    /// What the bytes so far are called; nil unless they are whole units, and no more than a piece may have.
    public func name(using hash: some HashFunction) -> PieceName? {
        guard begun.isEmpty, unit.count == 0 else { return nil }
        return PieceName(root: piece.root(using: hash), units: unitTops.count)
    }

    private mutating func add(_ leaf: Digest, using hash: some HashFunction) {
        unit.append(leaf, using: hash)
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
