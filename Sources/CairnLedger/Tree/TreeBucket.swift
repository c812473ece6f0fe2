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

/// One entry of the state with its leaf.
public struct TreeEntry: Sendable {
    public let leaf: TreeLeaf
    public let value: [UInt8]

    public init(leaf: TreeLeaf, value: [UInt8]) {
        self.leaf = leaf
        self.value = value
    }
}

/// The entries of a small subtree, in the order of their paths, packed so that a million of them fit into memory.
public struct TreeBucket: Sendable, Equatable {
    /// A leaf, and where its value ends in `values`.
    @usableFromInline
    struct Slot: Sendable, Equatable {
        @usableFromInline let leaf: TreeLeaf
        @usableFromInline let end: UInt32
    }

    @usableFromInline private(set) var slots: [Slot] = []
    private var values: [UInt8] = []

    public init() {}

    public init(leaves: Int, bytes: Int) {
        slots.reserveCapacity(leaves)
        values.reserveCapacity(bytes)
    }

    public var count: Int { slots.count }

    /// What it takes in memory, about: its entries, two heads of arrays and its node.
    public var byteCount: Int { 192 + slots.count * MemoryLayout<Slot>.stride + values.count }

    /// Adds the entry that follows all others.
    public mutating func append(_ leaf: TreeLeaf, _ value: some Collection<UInt8>) {
        values.append(contentsOf: value)
        slots.append(Slot(leaf: leaf, end: UInt32(truncatingIfNeeded: values.count)))
    }

    public func leaf(at index: Int) -> TreeLeaf { slots[index].leaf }

    public func value(at index: Int) -> ArraySlice<UInt8> { values[range(index)] }

    public func value(of path: Digest) -> [UInt8]? {
        guard let index = index(of: path) else { return nil }
        return Array(value(at: index))
    }

    private func index(of path: Digest) -> Int? { slots.firstIndex { $0.leaf.path == path } }

    private func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : Int(slots[index - 1].end))..<Int(slots[index].end)
    }
}

extension TreeBucket {
    /// The bucket after some updates in the order of their paths; it may have become too large for one.
    @usableFromInline
    func applying(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket {
        if let replaced = replacing(updates) { return replaced }
        var result = TreeBucket(
            leaves: count + updates.count, bytes: values.count + updates.reduce(0) { $0 + ($1.value?.count ?? 0) })
        var next = 0
        for update in updates {
            while next < count, slots[next].leaf.path < update.leaf.path {
                result.append(slots[next].leaf, value(at: next))
                next += 1
            }
            if next < count, slots[next].leaf.path == update.leaf.path { next += 1 }
            if let value = update.value { result.append(update.leaf, value) }
        }
        result.append(self, next..<count)
        return result
    }

    /// The common case, in place: every update changes the value of an entry that is there to one as long.
    private func replacing(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket? {
        var result = self
        for update in updates {
            guard let value = update.value, let index = index(of: update.leaf.path), range(index).count == value.count
            else { return nil }
            result.slots[index] = Slot(leaf: update.leaf, end: slots[index].end)
            let start = range(index).lowerBound
            for (offset, byte) in value.enumerated() { result.values[start + offset] = byte }
        }
        return result
    }

    /// The entries on one side of a bit, those without it first.
    @usableFromInline
    func parted(at bit: Int) -> (left: TreeBucket, right: TreeBucket) {
        let middle = slots.firstIndex { $0.leaf.path.raw.bit(bit) } ?? count
        return (part(0..<middle), part(middle..<count))
    }

    private func part(_ indices: Range<Int>) -> TreeBucket {
        var result = TreeBucket()
        result.append(self, indices)
        return result
    }

    private mutating func append(_ other: TreeBucket, _ indices: Range<Int>) {
        for index in indices { append(other.slots[index].leaf, other.value(at: index)) }
    }

    @usableFromInline
    static func + (left: TreeBucket, right: TreeBucket) -> TreeBucket {
        var result = left
        result.append(right, 0..<right.count)
        return result
    }
}
