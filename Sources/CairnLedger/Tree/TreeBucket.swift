public import CairnBase

/// One leaf of the state tree: where it lies and its hash.
public struct TreeLeaf: Sendable, Equatable {
    public let path: Digest
    public let hash: Digest

    public init(path: Digest, hash: Digest) {
        self.path = path
        self.hash = hash
    }
}

/// The entries of a small subtree, in the order of their paths, packed so that a million of them fit into memory.
public struct TreeBucket: Sendable, Equatable {
    public private(set) var leaves: [TreeLeaf] = []
    /// Where the value of each leaf ends in `values`.
    private var ends: [UInt32] = []
    private var values: [UInt8] = []

    public init() {}

    public init(reserving count: Int) {
        leaves.reserveCapacity(count)
        ends.reserveCapacity(count)
    }

    /// What it takes in memory, about.
    public var byteCount: Int { 160 + leaves.count * 68 + values.count }

    /// Adds the entry that follows all others.
    public mutating func append(_ leaf: TreeLeaf, _ value: some Collection<UInt8>) {
        leaves.append(leaf)
        values.append(contentsOf: value)
        ends.append(UInt32(truncatingIfNeeded: values.count))
    }

    public func value(at index: Int) -> ArraySlice<UInt8> { values[range(index)] }

    public func value(of path: Digest) -> [UInt8]? {
        guard let index = index(of: path) else { return nil }
        return Array(value(at: index))
    }

    private func index(of path: Digest) -> Int? { leaves.firstIndex { $0.path == path } }

    private func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
    }

    /// The bucket after some updates in the order of their paths; it may have become too large for one.
    func applying(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket {
        if let replaced = replacing(updates) { return replaced }
        var result = TreeBucket(reserving: leaves.count + updates.count)
        var next = 0
        for update in updates {
            while next < leaves.count, leaves[next].path < update.leaf.path {
                result.append(leaves[next], value(at: next))
                next += 1
            }
            if next < leaves.count, leaves[next].path == update.leaf.path { next += 1 }
            if let value = update.value { result.append(update.leaf, value) }
        }
        while next < leaves.count {
            result.append(leaves[next], value(at: next))
            next += 1
        }
        return result
    }

    /// The common case, in place: every update changes the value of an entry that is there to one as long.
    private func replacing(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket? {
        var result = self
        for update in updates {
            guard let value = update.value, let index = index(of: update.leaf.path), range(index).count == value.count
            else { return nil }
            result.leaves[index] = update.leaf
            result.values.replaceSubrange(range(index), with: value)
        }
        return result
    }

    /// The entries on one side of a bit, those without it first.
    func parted(at bit: Int) -> (left: TreeBucket, right: TreeBucket) {
        let middle = leaves.firstIndex { $0.path.raw.bit(bit) } ?? leaves.endIndex
        return (part(0..<middle), part(middle..<leaves.count))
    }

    private func part(_ indices: Range<Int>) -> TreeBucket {
        var result = TreeBucket(reserving: indices.count)
        for index in indices { result.append(leaves[index], value(at: index)) }
        return result
    }

    static func + (left: TreeBucket, right: TreeBucket) -> TreeBucket {
        var result = left
        for index in right.leaves.indices { result.append(right.leaves[index], right.value(at: index)) }
        return result
    }
}
