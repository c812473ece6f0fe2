public import CairnBase
internal import CairnWire

/// The hot profile: eight leaves of the shard as it is, without mask or chain.
public enum HotRound {
    public static let leaves = 8
    public static let deadline = TimeSpan.seconds(5)
    private static let tag = DomainTag("cn/hot")

    /// Which leaves of a shard of `shardUnits` are asked for, the walk's start being `start`.
    public static func places(
        from start: Digest, shardUnits: UInt32, using hash: some HashFunction
    ) -> [UInt64] {
        let count = UInt64(shardUnits) * UInt64(StorageUnits.leavesPerUnit)
        guard count > 0 else { return [] }
        return (0..<UInt32(leaves)).map { index in
            var writer = ByteWriter()
            writer.identifier(start)
            writer.u32(index)
            return hash.digest(tag, writer.bytes).raw.low64 % count
        }
    }
}
