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
        /// The path of an entry and the hash of its value.
        case leaf(path: Digest, value: Digest)
    }

    /// The hash beside the path at every step from the root down; zero where that side is empty.
    public let siblings: [Digest]
    public let end: End

    @usableFromInline static let depthMax = 256
    /// What a proof of the greatest depth takes, with no empty sibling.
    public static let byteCountMax = 2 + depthMax / 8 + depthMax * Bytes32.count + 1 + 2 * Bytes32.count
}

extension StateProof {
    /// True if a state with this root has `value` under `key`, or has nothing there if `value` is nil.
    public func shows(
        _ value: [UInt8]?, under key: StateKey, in root: Digest, using hash: some HashFunction
    ) -> Bool {
        let hash = TreeHash(hash)
        let wanted = hash.path(key)
        let bottom: Digest
        switch (end, value) {
        case (.leaf(let path, let found), let value?):
            guard path == wanted, found == hash.value(value) else { return false }
            bottom = hash.leaf(at: path, found)
        case (.leaf(let path, let found), nil):
            // Another key at the end of the wanted key's path proves absence: were both there, the path would go on.
            guard path != wanted, agree(path, wanted, bits: siblings.count) else { return false }
            bottom = hash.leaf(at: path, found)
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
        end = try reader.bool() ? .leaf(path: reader.identifier(), value: reader.identifier()) : .empty
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
        case .leaf(let path, let value):
            writer.bool(true)
            writer.identifier(path)
            writer.identifier(value)
        }
    }
}

extension StateTree {
    /// The proof for a key, whether it is in the state or not.
    public func proof(of key: StateKey, in state: some StateReader) throws(StateError) -> StateProof {
        let (wanted, tree) = (hash.path(key), state.tree)
        var siblings: [Digest] = []
        var branch = tree.root
        while !branch.subtree.isBucket {
            let (fork, isRight) = (tree.fork(of: branch), wanted.raw.bit(siblings.count))
            siblings.append(fork.half(!isRight).subtree.hash)
            branch = fork.half(isRight)
        }
        if let bucket = tree.bucket(of: branch) { return descend(bucket, to: wanted, siblings) }
        return descend(try state.bucket(at: TreePath(wanted, depth: siblings.count)), to: wanted, siblings)
    }

    /// Follows the path through one bucket until one leaf or none is left.
    private func descend(_ bucket: TreeBucket, to wanted: Digest, _ above: [Digest]) -> StateProof {
        var siblings = above
        var range = 0..<bucket.count
        while range.count > 1 {
            let bit = siblings.count
            let middle = hash.split(bucket, range, bit: bit)
            let (without, with) = (range.lowerBound..<middle, middle..<range.upperBound)
            let isRight = wanted.raw.bit(bit)
            siblings.append(hash.fold(bucket, isRight ? without : with, bit: bit + 1))
            range = isRight ? with : without
        }
        guard let index = range.first else { return StateProof(siblings: siblings, end: .empty) }
        let value = hash.value(Array(bucket.value(at: index)))
        return StateProof(siblings: siblings, end: .leaf(path: bucket.leaf(at: index).path, value: value))
    }
}
