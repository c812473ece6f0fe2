public import CairnBase
internal import CairnWire

/// The mask of one sealed unit: 16,384 labels of 64 bytes, each the hash of two others and, after the first pass, of its
/// own former value.
///
/// Every label of the last pass needs a value of the pass before it that nobody keeps. So the smallest piece that can be
/// made again is the whole unit, at the full cost T, and a copy that was masked for one provider is of no use to
/// another. This is a heuristic without a proof; `docs/protocol/storage.md` says what that means.
public struct Pad: Sendable {
    public static let labelsPerUnit = 16_384
    private static let seedTag = DomainTag("cn/pad")

    public let passes: Int

    /// Nil unless there is at least one pass.
    public init?(passes: Int) {
        guard passes >= 1 else { return nil }
        self.passes = passes
    }

    /// What the mask of a unit is grown from: the unit's place in its shard, for one provider on one chain.
    public static func seed(
        chain: ChainID, provider: Digest, shardRoot: Digest, unit: UInt32, using hash: some HashFunction
    ) -> Bytes32 {
        var writer = ByteWriter()
        writer.identifier(chain)
        writer.identifier(provider)
        writer.identifier(shardRoot)
        writer.u32(unit)
        return hash.digest(seedTag, writer.bytes).raw
    }

    /// The mask grown from `seed`, `labels` × 64 bytes; a whole unit's unless a test asks for fewer.
    public func mask(
        from seed: Bytes32, labels: Int = Pad.labelsPerUnit, using hash: some WideHashFunction
    ) -> [UInt8] {
        var growth = PadGrowth(from: seed, labels: labels)
        for _ in 0..<passes { growth.pass(using: hash) }
        return growth.bytes
    }
}
