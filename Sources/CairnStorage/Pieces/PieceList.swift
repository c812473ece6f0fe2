public import CairnBase
public import CairnWire

/// The roots of all shards of an object, in their order: what its holders know each other's pieces by.
///
/// The chain has the root over them, so a list that a stranger hands out is true or worth nothing.
public struct PieceList: Sendable, Hashable {
    public let roots: [Digest]

    public static let rootsMax = 255

    /// Nil for no roots, or too many.
    public init?(_ roots: [Digest]) {
        guard (1...Self.rootsMax).contains(roots.count) else { return nil }
        self.roots = roots
    }

    /// What the chain calls the object's root.
    public func root(using hash: some HashFunction) -> Digest {
        let leaves = roots.map { MerkleList.leaf($0.raw.bytes.span.bytes, using: hash) }
        return MerkleList(leaves: leaves, using: hash).root
    }
}

extension PieceList: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let roots = try reader.list(limit: Self.rootsMax) { reader throws(DecodeError) -> Digest in
            try reader.identifier()
        }
        guard let list = PieceList(roots) else { throw .invalid("list of pieces") }
        self = list
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(roots.count)
        for root in roots { writer.identifier(root) }
    }
}
