public import CairnBase
public import CairnWire

/// Shows what one state root says about one key: this value, or that there is none.
///
/// The proof is the way down the tree: the hash beside each step, and what lies at its end. It is checked with nothing
/// but the root, so a light client needs no state and no trust in who gave it.
public struct StateProof: Sendable, Equatable {
    /// What stands where the key's path ends.
    public enum End: Sendable, Equatable {
        case empty
        case leaf(TreeLeaf)
    }

    /// The hash beside the path at every step from the root down; zero where that side is empty.
    public let siblings: [Digest]
    public let end: End

    static let depthMax = 256
    /// What a proof of the greatest depth takes, with no empty sibling.
    public static let byteCountMax = 2 + depthMax / 8 + depthMax * Bytes32.count + 1 + 2 * Bytes32.count
}

extension StateProof {
    /// True if a state with this root has `value` under `key`, or has nothing there if `value` is nil.
    public func shows(
        _ value: [UInt8]?, under key: StateKey, in root: Digest, using hash: some HashFunction
    ) -> Bool {
        let hash = TreeHash(hash)
        let wanted = hash.key(key)
        let bottom: Digest
        switch (end, value) {
        case (.leaf(let leaf), let value?):
            guard leaf.key == wanted, leaf.value == hash.value(value) else { return false }
            bottom = hash.leaf(leaf)
        case (.leaf(let leaf), nil):
            // Another key at the end of the wanted key's path proves absence: were both there, the path would go on.
            guard leaf.key != wanted, agree(leaf.key, wanted, bits: siblings.count) else { return false }
            bottom = hash.leaf(leaf)
        case (.empty, nil): bottom = .zero
        case (.empty, .some): return false
        }
        var top = bottom
        for (depth, sibling) in siblings.enumerated().reversed() {
            top = wanted.raw.bit(depth) ? hash.node(sibling, top) : hash.node(top, sibling)
        }
        return top == root
    }

    private func agree(_ left: Digest, _ right: Digest, bits: Int) -> Bool {
        (0..<bits).allSatisfy { left.raw.bit($0) == right.raw.bit($0) }
    }
}

extension StateProof: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        let depth = Int(try reader.u16())
        guard depth <= Self.depthMax else { throw .tooLarge(size: UInt64(depth), limit: UInt64(Self.depthMax)) }
        var present: [UInt8] = []
        for _ in 0..<(depth + 7) / 8 { present.append(try reader.u8()) }
        if depth & 7 != 0, let last = present.last, last >> UInt8(depth & 7) != 0 {
            throw .notCanonical("state proof bitmap")
        }
        var siblings: [Digest] = []
        siblings.reserveCapacity(depth)
        for index in 0..<depth {
            guard present[index >> 3] >> UInt8(index & 7) & 1 == 1 else {
                siblings.append(.zero)
                continue
            }
            let sibling: Digest = try reader.identifier()
            guard sibling != .zero else { throw .notCanonical("state proof sibling") }
            siblings.append(sibling)
        }
        self.siblings = siblings
        end = try reader.bool() ? .leaf(TreeLeaf(key: reader.identifier(), value: reader.identifier())) : .empty
    }

    public func encode(into writer: inout ByteWriter) {
        writer.u16(UInt16(truncatingIfNeeded: siblings.count))
        var present = [UInt8](repeating: 0, count: (siblings.count + 7) / 8)
        for (index, sibling) in siblings.enumerated() where sibling != .zero {
            present[index >> 3] |= 1 << UInt8(index & 7)
        }
        writer.raw(present)
        for sibling in siblings where sibling != .zero { writer.identifier(sibling) }
        switch end {
        case .empty: writer.bool(false)
        case .leaf(let leaf):
            writer.bool(true)
            writer.identifier(leaf.key)
            writer.identifier(leaf.value)
        }
    }
}

extension StateTree {
    /// The proof for a key, whether it is in the state or not.
    public func proof(of key: StateKey, in state: some StateReader) throws(StateError) -> StateProof {
        let wanted = hash.key(key)
        var siblings: [Digest] = []
        var path = TreePath.root
        while true {
            switch try state.page(at: path) {
            case nil:
                return StateProof(siblings: siblings, end: .empty)
            case .leaves(let leaves):
                return descend(leaves[...], to: wanted, bit: 4 * path.depth, &siblings)
            case .branch(let children):
                let slots = narrow(children[...], to: wanted, at: path, &siblings)
                guard let slot = children.indices.first(where: { slots.contains($0) && children[$0] != nil }) else {
                    return StateProof(siblings: siblings, end: .empty)
                }
                if children[slot]?.count == 1 {
                    return StateProof(siblings: siblings, end: .leaf(try onlyLeaf(at: path.child(slot), in: state)))
                }
                path = path.child(slot)
            }
        }
    }

    /// Follows the path through one branch page until one slot, one leaf or nothing is left.
    private func narrow(
        _ children: ArraySlice<TreePage.Child?>, to wanted: Digest, at path: TreePath, _ siblings: inout [Digest]
    ) -> Range<Int> {
        var range = children.indices
        var bit = 4 * path.depth
        while range.count > 1, children[range].reduce(0, { $0 + ($1?.count ?? 0) }) > 1 {
            let middle = range.lowerBound + range.count / 2
            let (near, far) =
                wanted.raw.bit(bit)
                ? (middle..<range.upperBound, range.lowerBound..<middle)
                : (range.lowerBound..<middle, middle..<range.upperBound)
            siblings.append(hash.fold(children[far]))
            range = near
            bit += 1
        }
        return range
    }

    private func descend(
        _ leaves: ArraySlice<TreeLeaf>, to wanted: Digest, bit: Int, _ siblings: inout [Digest]
    ) -> StateProof {
        var leaves = leaves
        var bit = bit
        while leaves.count > 1 {
            let middle = hash.split(leaves, bit: bit)
            let isRight = wanted.raw.bit(bit)
            siblings.append(hash.fold(isRight ? leaves[..<middle] : leaves[middle...], bit: bit + 1))
            leaves = isRight ? leaves[middle...] : leaves[..<middle]
            bit += 1
        }
        return StateProof(siblings: siblings, end: leaves.first.map(StateProof.End.leaf) ?? .empty)
    }

    private func onlyLeaf(at path: TreePath, in state: some StateReader) throws(StateError) -> TreeLeaf {
        guard case .leaves(let leaves) = try state.page(at: path), leaves.count == 1, let leaf = leaves.first else {
            throw .damagedPage(path)
        }
        return leaf
    }
}
