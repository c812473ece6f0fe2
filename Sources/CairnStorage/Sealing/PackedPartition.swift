public import CairnBase

/// What a provider has registered for one partition: how much it is, and what lies there.
public struct PartitionRoots: Sendable, Hashable {
    /// A power of two, fixed for the life of the partition.
    public let units: UInt32
    /// Merkle root over the roots of the packed units.
    public let packed: Digest
    /// Merkle root over the `PlacedUnit`s.
    public let manifest: Digest

    /// Nil unless `units` is a power of two.
    public init?(units: UInt32, packed: Digest, manifest: Digest) {
        guard units.nonzeroBitCount == 1 else { return nil }
        self.units = units
        self.packed = packed
        self.manifest = manifest
    }

    public var leaves: UInt64 { UInt64(units) * UInt64(StorageUnits.leavesPerUnit) }
    /// How many siblings lead from a unit's root to the packed root.
    public var height: Int { units.trailingZeroBitCount }
}

/// The trees over one partition: the root of every packed unit, and what it is.
///
/// Places are filled from the lowest filler place on; what is removed becomes filler again. The bytes lie with whoever
/// keeps them, here are only their roots.
public struct PackedPartition: Sendable {
    public let number: UInt32
    public private(set) var placed: [PlacedUnit]
    private var unitRoots: [Digest]
    private let fillerRoot: Digest

    /// A partition of filler; `fillerUnitRoots` are the roots of its packed units. Nil unless their number is a power of two.
    public init?(number: UInt32, fillerRoot: Digest, fillerUnitRoots: [Digest]) {
        guard fillerUnitRoots.count.nonzeroBitCount == 1, let count = UInt32(exactly: fillerUnitRoots.count) else {
            return nil
        }
        self.number = number
        self.fillerRoot = fillerRoot
        unitRoots = fillerUnitRoots
        placed = (0..<count).map { PlacedUnit(shardRoot: fillerRoot, unit: $0) }
    }

    public var fillerPlaces: Int { placed.count { $0.shardRoot == fillerRoot } }

    /// Puts a packed unit at the lowest place of filler; nil if there is none.
    public mutating func place(_ unit: PlacedUnit, packedRoot: Digest) -> Int? {
        guard let place = placed.firstIndex(where: { $0.shardRoot == fillerRoot }) else { return nil }
        placed[place] = unit
        unitRoots[place] = packedRoot
        return place
    }

    /// Turns a place into filler again; `packedRoot` is the root of the filler sealed there.
    public mutating func clear(_ place: Int, packedRoot: Digest) -> Bool {
        guard placed.indices.contains(place), let number = UInt32(exactly: place) else { return false }
        placed[place] = PlacedUnit(shardRoot: fillerRoot, unit: number)
        unitRoots[place] = packedRoot
        return true
    }

    public func packedTree(using hash: some HashFunction) -> MerkleList {
        MerkleList(leaves: unitRoots.map { Self.leaf($0, using: hash) }, using: hash)
    }

    public func manifestTree(using hash: some HashFunction) -> MerkleList {
        MerkleList(leaves: placed.map { $0.leaf(using: hash) }, using: hash)
    }

    /// Nil never happens: the number of places was a power of two from the start.
    public func roots(using hash: some HashFunction) -> PartitionRoots? {
        PartitionRoots(
            units: UInt32(placed.count), packed: packedTree(using: hash).root, manifest: manifestTree(using: hash).root)
    }

    static func leaf(_ unitRoot: Digest, using hash: some HashFunction) -> Digest {
        MerkleList.leaf(unitRoot.raw.inline.span.bytes, using: hash)
    }
}
