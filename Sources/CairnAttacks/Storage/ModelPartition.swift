internal import CairnBase
internal import CairnStorage

/// One provider's partition as a model: any number of places, of which every `distinct` units hold the same bytes.
///
/// Where a walk goes is decided by its question and every byte it has read, so repeating bytes repeat no walk. The masks
/// are real ones of few labels; what a whole mask costs is the walk's terms' to say.
struct ModelPartition<Hash: WideHashFunction> {
    static var distinct: Int { 4 }
    private static var labelsPerLeaf: Int { 16 }

    let provider: Digest
    let units: UInt32
    private let leaves: [[UInt8]]

    /// The copy of `content` that `provider` should keep.
    init(of content: UInt64, provider: Digest, chain: ChainID, units: UInt32, passes: Int, using hash: Hash) {
        self.provider = provider
        self.units = units
        leaves = (0..<UInt64(Self.distinct)).map { unit in
            var random = SeededRandom(seed: content).fork("unit", unit)
            var raw: [UInt8] = []
            for _ in 0..<(StorageUnits.leafBytes / 8) {
                let word = random.next()
                for shift in 0..<UInt64(8) { raw.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) }
            }
            let shard = hash.digest(DomainTag("cn/atk.shard"), raw)
            let seed = Pad.seed(
                chain: chain, provider: provider, shardRoot: shard, unit: UInt32(truncatingIfNeeded: unit), using: hash)
            let mask = Pad(passes: passes)?.mask(from: seed, labels: Self.labelsPerLeaf, using: hash) ?? []
            return zip(raw, mask).map { $0 ^ $1 }
        }
    }

    var count: UInt64 { UInt64(units) * UInt64(StorageUnits.leavesPerUnit) }

    static func unit(of place: UInt64) -> UInt64 { place / UInt64(StorageUnits.leavesPerUnit) }

    /// The packed leaf that lies at `place`.
    func leaf(at place: UInt64) -> [UInt8] { leaves[Int(Self.unit(of: place) % UInt64(Self.distinct))] }
}
