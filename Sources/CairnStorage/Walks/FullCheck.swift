public import CairnBase
public import CairnWire

/// Shows that one sealed leaf is what the manifest says: the mask of its unit, made anew, takes it back to a leaf of the
/// shard. It costs who checks it as long as sealing the unit took.
public struct FullCheck: Sendable, Equatable {
    public let placed: PlacedUnit
    public let manifestPath: MerklePath
    public let leaf: PackedLeaf
    /// From the raw leaf to the shard's root; filler is zeros and needs none.
    public let rawPath: MerklePath

    public init(placed: PlacedUnit, manifestPath: MerklePath, leaf: PackedLeaf, rawPath: MerklePath) {
        self.placed = placed
        self.manifestPath = manifestPath
        self.leaf = leaf
        self.rawPath = rawPath
    }

    public enum Fault: Sendable, Hashable {
        /// Not the place that was asked for.
        case place
        /// The manifest does not have this unit there.
        case manifest
        /// The leaf does not lie in the partition.
        case path
        /// What is under the mask is not what the manifest names: the unit was never sealed from that shard.
        case content
    }

    /// Nil if the leaf at `place` is what it must be. `shardUnits` is how long the named shard is, by the chain.
    public func fault(
        at place: UInt64, in partition: PartitionRoots, number: UInt32, shardUnits: UInt32,
        sealing: Sealing<some WideHashFunction>
    ) -> Fault? {
        let hash = sealing.hash
        guard leaf.place == place else { return .place }
        guard
            manifestPath.shows(
                placed.leaf(using: hash), at: leaf.unit, of: UInt64(partition.units), in: partition.manifest,
                using: hash)
        else { return .manifest }
        guard leaf.lies(in: partition, using: hash) else { return .path }
        guard let raw = sealing.openLeaf(leaf.bytes, at: leaf.leafInUnit, of: placed) else { return .path }
        let filler = PlacedUnit.fillerRoot(
            chain: sealing.chain, provider: sealing.provider, partition: number, using: hash)
        if placed.shardRoot == filler {
            let isFiller = UInt64(placed.unit) == leaf.unit && raw.allSatisfy { $0 == 0 } && rawPath.siblings.isEmpty
            return isFiller ? nil : .content
        }
        let perUnit = UInt64(StorageUnits.leavesPerUnit)
        let isShard = rawPath.shows(
            MerkleList.leaf(raw.span.bytes, using: hash), at: UInt64(placed.unit) * perUnit + UInt64(leaf.leafInUnit),
            of: UInt64(shardUnits) * perUnit, in: placed.shardRoot, using: hash)
        return isShard ? nil : .content
    }
}

extension FullCheck {
    public static func decode(_ bytes: [UInt8], height: Int) throws(DecodeError) -> FullCheck {
        var reader = ByteReader(bytes.span.bytes)
        let check = FullCheck(
            placed: try reader.value(), manifestPath: try MerklePath(from: &reader, length: height),
            leaf: try PackedLeaf(from: &reader, height: height), rawPath: try reader.value())
        try reader.end()
        return check
    }

    public var encoded: [UInt8] {
        var writer = ByteWriter()
        writer.value(placed)
        manifestPath.encodeSiblings(into: &writer)
        leaf.encode(into: &writer)
        writer.value(rawPath)
        return writer.bytes
    }
}
