public import CairnBase
public import CairnWire

/// What a witness asks a provider in a hot round: eight leaves of a shard, which the chain knows by its object's root.
public struct ShardQuestion: Sendable, Hashable {
    /// Of the object: that of the list of its pieces.
    public let root: Digest
    public let shard: UInt8
    /// MiB, as the chain says.
    public let units: UInt8
    public let round: RoundQuestion

    public init(root: Digest, shard: UInt8, units: UInt8, round: RoundQuestion) {
        self.root = root
        self.shard = shard
        self.units = units
        self.round = round
    }
}

extension ShardQuestion: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        root = try reader.identifier()
        shard = try reader.u8()
        units = try reader.u8()
        round = try reader.value()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(root)
        writer.u8(shard)
        writer.u8(units)
        writer.value(round)
    }
}
