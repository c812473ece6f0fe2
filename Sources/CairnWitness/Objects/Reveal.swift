public import CairnBase
public import CairnWire

/// An opened receipt under the witness's signature: 192 bytes, the leaf of a verdict's receipts root.
///
/// The signature covers this receipt alone, or a whole batch of one witness. A batched one is checked together with
/// its `Endorsement`; the 192 bytes look the same.
public struct Reveal: Sendable, Hashable, Canonical, Signed {
    public let opening: Opening
    public let signature: Signature

    public static let count = Opening.count + Signature.count

    public init(opening: Opening, signature: Signature) {
        self.opening = opening
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        opening = try reader.value()
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        opening.encode(into: &writer)
        writer.signature(signature)
    }

    public var receipt: RadioReceipt { opening.receipt }

    public var domain: DomainTag { Tags.signReveal }
    public var signedBody: [UInt8] { opening.receipt.encoded }
}

/// A witness opens all its receipts of one window under one signature over their Merkle root.
public struct RevealBatch: Sendable, Hashable, Canonical {
    public let witness: UInt32
    public let root: Digest
    public let openings: [Opening]
    public let signature: Signature

    public static let openingsMax = 64

    /// Refuses a batch without receipts and one of too many.
    public init?(witness: UInt32, root: Digest, openings: [Opening], signature: Signature) {
        guard (1...Self.openingsMax).contains(openings.count) else { return nil }
        self.witness = witness
        self.root = root
        self.openings = openings
        self.signature = signature
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        witness = try reader.u32()
        root = try reader.identifier()
        openings = try reader.list(limit: Self.openingsMax)
        guard !openings.isEmpty else { throw .invalid("empty batch of receipts") }
        signature = try reader.signature()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u32(witness)
        writer.identifier(root)
        writer.list(openings)
        writer.signature(signature)
    }

    /// What its signature covers.
    public var seal: BatchSeal { BatchSeal(witness: witness, root: root, signature: signature) }

    public static func tree(of openings: [Opening], using hash: some HashFunction) -> MerkleList {
        MerkleList(
            leaves: openings.map { MerkleList.leaf($0.encoded.span.bytes, using: hash) }, using: hash)
    }

    /// The single reveals, each with what ties it to the signature; nil when the root is not that of the receipts.
    public func reveals(using hash: some HashFunction) -> [EndorsedReveal]? {
        let tree = Self.tree(of: openings, using: hash)
        guard tree.root == root else { return nil }
        return openings.indices.map { index in
            EndorsedReveal(
                reveal: Reveal(opening: openings[index], signature: signature),
                endorsement: Endorsement(
                    witness: witness, root: root, index: UInt32(index), count: UInt32(openings.count),
                    path: tree.path(to: index) ?? MerklePath(siblings: [])))
        }
    }
}

/// What the one signature of a batch covers: who signed, and the root over the receipts.
public struct BatchSeal: Sendable, Hashable, Signed {
    public let witness: UInt32
    public let root: Digest
    public let signature: Signature

    public init(witness: UInt32, root: Digest, signature: Signature) {
        self.witness = witness
        self.root = root
        self.signature = signature
    }

    public var domain: DomainTag { Tags.signBatch }
    public var signedBody: [UInt8] { Self.body(witness: witness, root: root) }

    public static func body(witness: UInt32, root: Digest) -> [UInt8] {
        var writer = ByteWriter(capacity: 36)
        writer.u32(witness)
        writer.identifier(root)
        return writer.bytes
    }
}
