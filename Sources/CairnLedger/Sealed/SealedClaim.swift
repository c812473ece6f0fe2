public import CairnBase
public import CairnWire

/// What the owner of a sealed resource says of one partition: where it is reached, and what lies there.
public struct SealedClaim: Sendable, Equatable {
    public let resource: ResourceID
    public let partition: UInt32
    /// The node that has it. The resource's device signs what is shown, wherever the disk stands.
    public let node: NodeID
    /// Over the roots of the packed units.
    public let packed: Digest
    /// Over what each unit is.
    public let manifest: Digest

    public init(resource: ResourceID, partition: UInt32, node: NodeID, packed: Digest, manifest: Digest) {
        self.resource = resource
        self.partition = partition
        self.node = node
        self.packed = packed
        self.manifest = manifest
    }
}

extension SealedClaim: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        resource = try reader.identifier()
        partition = try reader.u32()
        node = try reader.identifier()
        packed = try reader.identifier()
        manifest = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(resource)
        writer.u32(partition)
        writer.identifier(node)
        writer.identifier(packed)
        writer.identifier(manifest)
    }
}

/// A partition as rounds ask for it: the newest claim about it.
public struct SealedPartition: Record {
    public let node: NodeID
    public let packed: Digest
    public let manifest: Digest

    init(_ claim: SealedClaim) { (node, packed, manifest) = (claim.node, claim.packed, claim.manifest) }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        node = try reader.identifier()
        packed = try reader.identifier()
        manifest = try reader.identifier()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(node)
        writer.identifier(packed)
        writer.identifier(manifest)
    }
}

extension ProfileRules {
    /// How many whole partitions lie in so much room.
    public func partitions(in capacity: UInt32) -> UInt32 {
        let units = self["unitsPerPartition"]
        return units == 0 ? 0 : UInt32(clamping: UInt64(capacity) / units)
    }
}
