public import CairnBase
public import CairnWire

/// One leaf of a partition as it lies on the disk, with the way to the partition's packed root.
public struct PackedLeaf: Sendable, Equatable {
    /// Counted over the whole partition.
    public let place: UInt64
    public let bytes: [UInt8]
    /// From the leaf to the root of its unit.
    public let unitPath: MerklePath
    /// From that root to the packed root.
    public let partitionPath: MerklePath

    static let unitHeight = StorageUnits.leavesPerUnit.trailingZeroBitCount

    public init(place: UInt64, bytes: [UInt8], unitPath: MerklePath, partitionPath: MerklePath) {
        self.place = place
        self.bytes = bytes
        self.unitPath = unitPath
        self.partitionPath = partitionPath
    }

    var unit: UInt64 { place / UInt64(StorageUnits.leavesPerUnit) }
    var leafInUnit: Int { Int(place % UInt64(StorageUnits.leavesPerUnit)) }

    /// True if the partition has this leaf at its place.
    ///
    /// The root of the unit is not in the proof: it is what the first path leads to.
    public func lies(in partition: PartitionRoots, using hash: some HashFunction) -> Bool {
        guard bytes.count == StorageUnits.leafBytes, place < partition.leaves,
            let unitRoot = unitPath.root(
                of: MerkleList.leaf(bytes.span.bytes, using: hash), at: UInt64(leafInUnit),
                of: UInt64(StorageUnits.leavesPerUnit), using: hash)
        else { return false }
        return partitionPath.shows(
            PackedPartition.leaf(unitRoot, using: hash), at: unit, of: UInt64(partition.units), in: partition.packed,
            using: hash)
    }
}

extension PackedLeaf {
    /// Reads a leaf of a partition of 2^height units: a size follows from that, none is on the wire.
    public init(from reader: inout ByteReader, height: Int) throws(DecodeError) {
        let place = try reader.u64()
        let bytes = try reader.raw(StorageUnits.leafBytes)
        let unitPath = try MerklePath(from: &reader, length: Self.unitHeight)
        self.init(
            place: place, bytes: bytes, unitPath: unitPath,
            partitionPath: try MerklePath(from: &reader, length: height))
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u64(place)
        writer.raw(bytes)
        unitPath.encodeSiblings(into: &writer)
        partitionPath.encodeSiblings(into: &writer)
    }
}
