public import CairnBase

/// Sealing for one provider on one chain: stored bytes are the raw ones under a mask that only time can make.
public struct Sealing<Hash: WideHashFunction>: Sendable {
    public let chain: ChainID
    public let provider: Digest
    public let pad: Pad
    let hash: Hash

    public init(chain: ChainID, provider: Digest, pad: Pad, using hash: Hash) {
        self.chain = chain
        self.provider = provider
        self.pad = pad
        self.hash = hash
    }

    public func mask(of placed: PlacedUnit) -> [UInt8] {
        let seed = Pad.seed(
            chain: chain, provider: provider, shardRoot: placed.shardRoot, unit: placed.unit, using: hash)
        return pad.mask(from: seed, using: hash)
    }

    /// The packed unit; nil unless `raw` is exactly one unit long.
    public func seal(_ raw: [UInt8], as placed: PlacedUnit) -> [UInt8]? {
        guard raw.count == StorageUnits.unitBytes else { return nil }
        return exclusiveOr(mask(of: placed), raw)
    }

    /// The raw unit again: the same mask, taken off.
    public func open(_ packed: [UInt8], as placed: PlacedUnit) -> [UInt8]? {
        seal(packed, as: placed)
    }

    /// One leaf of a packed unit without its mask, by making the whole mask: what a full check costs.
    public func openLeaf(_ packed: [UInt8], at leaf: Int, of placed: PlacedUnit) -> [UInt8]? {
        guard packed.count == StorageUnits.leafBytes, (0..<StorageUnits.leavesPerUnit).contains(leaf) else {
            return nil
        }
        let first = leaf * StorageUnits.leafBytes
        return exclusiveOr(Array(mask(of: placed)[first..<(first + StorageUnits.leafBytes)]), packed)
    }

    private func exclusiveOr(_ left: consuming [UInt8], _ right: [UInt8]) -> [UInt8] {
        for index in right.indices { left[index] ^= right[index] }
        return left
    }
}
