public import CairnBase

extension MerklePath: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let count = try reader.u8()
        guard count <= Self.siblingsMax else {
            throw .tooLarge(size: UInt64(count), limit: UInt64(Self.siblingsMax))
        }
        var siblings: [Digest] = []
        siblings.reserveCapacity(Int(count))
        for _ in 0..<count { siblings.append(try reader.identifier()) }
        self.init(siblings: siblings)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u8(UInt8(truncatingIfNeeded: siblings.count))
        for sibling in siblings { writer.identifier(sibling) }
    }
}
