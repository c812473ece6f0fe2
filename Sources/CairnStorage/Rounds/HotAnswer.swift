public import CairnBase
public import CairnWire

/// What a holder shows of a piece when it is asked for eight leaves: the leaves, each with its path to the piece's
/// root.
public struct HotAnswer: Sendable, Hashable {
    public struct Leaf: Sendable, Hashable {
        public let bytes: [UInt8]
        public let path: MerklePath

        public init(bytes: [UInt8], path: MerklePath) {
            self.bytes = bytes
            self.path = path
        }
    }

    public let leaves: [Leaf]

    public init(_ leaves: [Leaf]) { self.leaves = leaves }

    /// The leaves of a piece that a start asks for. Every unit that is read for them is compared with its top; nil
    /// where one has changed.
    public static func showing<Refusal: Error>(
        _ name: PieceName, from start: Digest, unitTops: [Digest], using hash: some HashFunction,
        read: (Int) throws(Refusal) -> [UInt8]
    ) throws(Refusal) -> HotAnswer? {
        let perUnit = UInt64(StorageUnits.leavesPerUnit)
        let tops = MerkleList(leaves: unitTops, using: hash)
        var units = OrderedMap<Int, (tree: MerkleList, bytes: [UInt8])>()
        var leaves: [Leaf] = []
        for place in HotRound.places(from: start, shardUnits: UInt32(clamping: name.units), using: hash) {
            let (number, leaf) = (Int(place / perUnit), Int(place % perUnit))
            if units[number] == nil {
                let bytes = try read(number)
                guard unitTops.indices.contains(number), let tree = StorageUnits.tree(bytes, using: hash),
                    tree.top == unitTops[number]
                else { return nil }
                units[number] = (tree, bytes)
            }
            guard let unit = units[number], let inner = unit.tree.path(to: leaf), let outer = tops.path(to: number)
            else { return nil }
            let first = leaf * StorageUnits.leafBytes
            leaves.append(
                Leaf(
                    bytes: Array(unit.bytes[first..<(first + StorageUnits.leafBytes)]),
                    path: MerklePath(siblings: inner.siblings + outer.siblings)))
        }
        return HotAnswer(leaves)
    }

    /// Where a walk over these leaves ends: what a provider signs for them.
    public func end(from start: Digest, using hash: some HashFunction) -> Digest {
        guard var walk = Walk(from: start, leaves: UInt64(leaves.count)) else { return start }
        for leaf in leaves { _ = walk.step(over: leaf.bytes, using: hash) }
        return walk.digest
    }

    /// Whether these are the leaves that the start asks for, of the piece of this name.
    public func shows(_ name: PieceName, from start: Digest, using hash: some HashFunction) -> Bool {
        let places = HotRound.places(from: start, shardUnits: UInt32(clamping: name.units), using: hash)
        guard places.count == leaves.count else { return false }
        let count = UInt64(name.units * StorageUnits.leavesPerUnit)
        return zip(places, leaves).allSatisfy { place, leaf in
            leaf.bytes.count == StorageUnits.leafBytes
                && leaf.path.shows(
                    MerkleList.leaf(leaf.bytes.span.bytes, using: hash), at: place, of: count, in: name.root,
                    using: hash)
        }
    }
}

extension HotAnswer: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        leaves = try reader.list(limit: HotRound.leaves) { reader throws(DecodeError) in
            Leaf(bytes: try reader.bytes(limit: StorageUnits.leafBytes), path: try reader.value())
        }
    }

    public func encode(into writer: inout ByteWriter) {
        writer.count(leaves.count)
        for leaf in leaves {
            writer.bytes(leaf.bytes)
            writer.value(leaf.path)
        }
    }
}
