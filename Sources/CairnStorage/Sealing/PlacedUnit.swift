public import CairnBase
public import CairnWire

/// What lies at one place of a partition: a unit of a shard, or filler.
///
/// The manifest of a partition is the Merkle tree over these, so a provider has said for every place what it holds.
public struct PlacedUnit: Sendable, Hashable {
    public let shardRoot: Digest
    /// Which MiB of the shard; for filler, the place itself.
    public let unit: UInt32

    public init(shardRoot: Digest, unit: UInt32) {
        self.shardRoot = shardRoot
        self.unit = unit
    }

    private static let fillerTag = DomainTag("cn/fill")

    /// The shard root under which filler is sealed: raw zeros, another for every provider and partition.
    public static func fillerRoot(
        chain: ChainID, provider: Digest, partition: UInt32, using hash: some HashFunction
    ) -> Digest {
        var writer = ByteWriter()
        writer.identifier(chain)
        writer.identifier(provider)
        writer.u32(partition)
        return hash.digest(fillerTag, writer.bytes)
    }

    public func leaf(using hash: some HashFunction) -> Digest {
        MerkleList.leaf(encoded.span.bytes, using: hash)
    }
}

extension PlacedUnit: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        self.init(shardRoot: try reader.identifier(), unit: try reader.u32())
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(shardRoot)
        writer.u32(unit)
    }
}
