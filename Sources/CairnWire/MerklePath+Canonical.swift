public import CairnBase

extension MerklePath: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let count = try reader.u8()
        guard count <= Self.siblingsMax else {
            throw .tooLarge(size: UInt64(count), limit: UInt64(Self.siblingsMax))
        }
        try self.init(from: &reader, length: Int(count))
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(UInt8(truncatingIfNeeded: siblings.count))
        encodeSiblings(into: &writer)
    }

    /// A path whose length follows from what it is a path of.
    public init(from reader: inout ByteReader, length: Int) throws(DecodeError) {
        var siblings: [Digest] = []
        for _ in 0..<length { siblings.append(try reader.identifier()) }
        self.init(siblings: siblings)
    }

    public func encodeSiblings(into writer: inout ByteWriter) {
        for sibling in siblings { writer.identifier(sibling) }
    }
}
