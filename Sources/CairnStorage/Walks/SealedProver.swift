public import CairnBase

/// Where the bytes of a sealed partition lie.
public protocol SealedBytes {
    associatedtype Refusal: Error
    /// One packed leaf, counted over the partition.
    func leaf(_ place: UInt64) throws(Refusal) -> [UInt8]
    /// A whole packed unit.
    func unit(_ number: Int) throws(Refusal) -> [UInt8]
}

/// Answers for one whole partition from what lies on the disk: a walk reads only its leaves, and what shows them later is
/// worked out from their units.
public struct SealedProver<Hash: HashFunction>: Sendable {
    public let partition: PackedPartition
    private let packed: MerkleList
    private let manifest: MerkleList
    private let hash: Hash

    public init(_ partition: PackedPartition, using hash: Hash) {
        self.partition = partition
        packed = partition.packedTree(using: hash)
        manifest = partition.manifestTree(using: hash)
        self.hash = hash
    }

    public var roots: PartitionRoots? { partition.roots(using: hash) }

    private var leafCount: UInt64 { UInt64(partition.placed.count) * UInt64(StorageUnits.leavesPerUnit) }

    /// Walks; `visit` sees every leaf on the way. Nil if the disk gave no whole leaf.
    private func walk<Bytes: SealedBytes>(
        _ question: WalkQuestion, steps: Int, over bytes: Bytes, visit: (UInt64, [UInt8]) -> Void
    ) throws(Bytes.Refusal) -> Walk? {
        guard var walk = Walk(from: question.start(using: hash), leaves: leafCount) else { return nil }
        for _ in 0..<steps {
            let place = walk.place
            let leaf = try bytes.leaf(place)
            guard walk.step(over: leaf, using: hash) else { return nil }
            visit(place, leaf)
        }
        return walk
    }

    public func end<Bytes: SealedBytes>(
        of question: WalkQuestion, steps: Int, over bytes: Bytes
    ) throws(Bytes.Refusal) -> Digest? {
        try walk(question, steps: steps, over: bytes) { _, _ in }?.digest
    }

    public func answer<Bytes: SealedBytes>(
        _ question: WalkQuestion, steps: Int, over bytes: Bytes
    ) throws(Bytes.Refusal) -> WalkAnswer? {
        var places: [UInt64] = []
        guard try walk(question, steps: steps, over: bytes, visit: { place, _ in places.append(place) }) != nil else {
            return nil
        }
        // A unit is hashed once, however many of its leaves the walk went over.
        var shown: [UInt64: PackedLeaf] = [:]  // ORDER: looked up by place only
        for unit in Set(places.map { $0 / UInt64(StorageUnits.leavesPerUnit) }).sorted() {
            let wanted = places.filter { $0 / UInt64(StorageUnits.leavesPerUnit) == unit }
            for leaf in try leaves(wanted, ofUnit: Int(unit), over: bytes) { shown[leaf.place] = leaf }
        }
        let leaves = places.compactMap { shown[$0] }
        return leaves.count == places.count ? WalkAnswer(leaves: leaves) : nil
    }

    /// What shows that the unit to which the walk led is what the manifest says. Filler needs no way to a raw root.
    public func check<Bytes: SealedBytes>(
        _ question: WalkQuestion, steps: Int, over bytes: Bytes
    ) throws(Bytes.Refusal) -> FullCheck? {
        guard let walk = try walk(question, steps: steps, over: bytes, visit: { _, _ in }) else { return nil }
        let unit = Int(walk.place / UInt64(StorageUnits.leavesPerUnit))
        guard let path = manifest.path(to: unit),
            let leaf = try leaves([walk.place], ofUnit: unit, over: bytes).first
        else { return nil }
        return FullCheck(
            placed: partition.placed[unit], manifestPath: path, leaf: leaf, rawPath: MerklePath(siblings: []))
    }

    private func leaves<Bytes: SealedBytes>(
        _ places: [UInt64], ofUnit unit: Int, over bytes: Bytes
    ) throws(Bytes.Refusal) -> [PackedLeaf] {
        let raw = try bytes.unit(unit)
        guard raw.count == StorageUnits.unitBytes, let tree = StorageUnits.tree(raw, using: hash),
            let partitionPath = packed.path(to: unit)
        else {
            return []
        }
        return places.compactMap { place in
            let leaf = Int(place % UInt64(StorageUnits.leavesPerUnit))
            guard let path = tree.path(to: leaf) else { return nil }
            let first = leaf * StorageUnits.leafBytes
            return PackedLeaf(
                place: place, bytes: Array(raw[first..<(first + StorageUnits.leafBytes)]), unitPath: path,
                partitionPath: partitionPath)
        }
    }
}
