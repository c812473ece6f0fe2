public import CairnBase

extension PackedPartition {
    /// A partition of filler, as one provider seals it; the unit at a place, sealed, with its root.
    public static func filler(
        _ place: UInt32, of number: UInt32, sealing: Sealing<some WideHashFunction>
    ) -> (bytes: [UInt8], root: Digest)? {
        let root = PlacedUnit.fillerRoot(
            chain: sealing.chain, provider: sealing.provider, partition: number, using: sealing.hash)
        // Raw zeros under a mask are the mask.
        let mask = sealing.mask(of: PlacedUnit(shardRoot: root, unit: place))
        return StorageUnits.tree(mask, using: sealing.hash).map { (mask, $0.root) }
    }
}
