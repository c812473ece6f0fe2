public import CairnBase
public import CairnWire

/// Where one receipt stands in a batch: enough to check it alone, long after the rest of the batch was forgotten.
public struct Endorsement: Sendable, Hashable, Canonical {
    public let witness: UInt32
    public let root: Digest
    public let index: UInt32
    public let count: UInt32
    public let path: MerklePath

    private static let siblingsMax = 6

    public init(witness: UInt32, root: Digest, index: UInt32, count: UInt32, path: MerklePath) {
        self.witness = witness
        self.root = root
        self.index = index
        self.count = count
        self.path = path
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        witness = try reader.u32()
        root = try reader.identifier()
        index = try reader.u32()
        count = try reader.u32()
        guard count <= RevealBatch.openingsMax, index < count else { throw .invalid("place in a batch") }
        path = MerklePath(
            siblings: try reader.list(limit: Self.siblingsMax) { reader throws(DecodeError) in
                try reader.identifier()
            })
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(witness)
        writer.identifier(root)
        writer.u32(index)
        writer.u32(count)
        writer.list(path.siblings) { $0.identifier($1) }
    }

    /// Whether the receipt stands where this says, under this root.
    public func covers(_ opening: Opening, using hash: some HashFunction) -> Bool {
        path.shows(
            MerkleList.leaf(opening.encoded.span.bytes, using: hash), at: UInt64(index), of: UInt64(count), in: root,
            using: hash)
    }

    /// What must be signed for the receipt to be signed.
    public func seal(of reveal: Reveal) -> BatchSeal {
        BatchSeal(witness: witness, root: root, signature: reveal.signature)
    }
}

/// A reveal with what its signature needs to be checked: nothing, or its place in a batch.
public struct EndorsedReveal: Sendable, Hashable, Canonical {
    public let reveal: Reveal
    public let endorsement: Endorsement?

    public init(reveal: Reveal, endorsement: Endorsement? = nil) {
        self.reveal = reveal
        self.endorsement = endorsement
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        reveal = try reader.value()
        endorsement = try reader.optional()
    }

    public func encode(into writer: inout ByteWriter) {
        reveal.encode(into: &writer)
        writer.optional(endorsement)
    }
}
