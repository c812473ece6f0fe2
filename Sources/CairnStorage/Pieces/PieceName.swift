public import CairnBase
public import CairnWire

/// What a shard is asked for by: the root of the Merkle list over its leaves, and its length.
///
/// The root covers the number of leaves, so a name with a wrong length names nothing.
public struct PieceName: Sendable, Hashable {
    public let root: Digest
    /// From 1 to as many as a segment has.
    public let units: Int

    public static let unitsMax = StorageUnits.segmentBytes / StorageUnits.unitBytes

    public init?(root: Digest, units: Int) {
        guard (1...Self.unitsMax).contains(units) else { return nil }
        self.root = root
        self.units = units
    }

    public var byteCount: Int { units * StorageUnits.unitBytes }
}

extension PieceName: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let root: Digest = try reader.identifier()
        guard let name = PieceName(root: root, units: Int(try reader.u8())) else { throw .invalid("units of a piece") }
        self = name
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(root)
        // At most `unitsMax`.
        writer.u8(UInt8(truncatingIfNeeded: units))
    }
}
