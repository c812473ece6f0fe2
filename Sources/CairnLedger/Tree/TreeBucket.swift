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

/// The entries of a small subtree, in the order of their paths, in one piece of memory so that a million of them fit.
///
/// The bytes are the number of entries, then of each its path, its leaf's hash and where its value ends, then the values.
public struct TreeBucket: Sendable, Equatable {
    private var bytes: [UInt8] = []

    private static let head = 4
    private static let slot = 2 * Bytes32.count + 4

    public init() {}

    /// From some of the entries of others, in the order of their paths.
    private init(leaves: Int, bytes size: Int, from entries: (_ add: (TreeLeaf, RawSpan) -> Void) -> Void) {
        if leaves == 0 { return }
        let values = Self.head + leaves * Self.slot
        bytes = [UInt8](repeating: 0, count: values + size)
        var (slot, end) = (Self.head, 0)
        bytes.withUnsafeMutableBytes { memory in
            // SAFETY: the callers count what they add beforehand, and what would not fit is refused below.
            unsafe memory.storeBytes(of: UInt32(truncatingIfNeeded: leaves), as: UInt32.self)
            entries { leaf, value in
                invariant(
                    slot + Self.slot <= values && values + end + value.byteCount <= memory.count,
                    "a bucket has room for what was counted")
                value.withUnsafeBytes { value in
                    unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(values + end)...]).copyMemory(from: value)
                }
                end += value.byteCount
                unsafe memory.storeBytes(of: leaf.path.raw, toByteOffset: slot, as: Bytes32.self)
                unsafe memory.storeBytes(of: leaf.hash.raw, toByteOffset: slot + 32, as: Bytes32.self)
                unsafe memory.storeBytes(of: UInt32(truncatingIfNeeded: end), toByteOffset: slot + 64, as: UInt32.self)
                slot += Self.slot
            }
        }
    }

    /// From entries in the order of their paths.
    public init(_ entries: ArraySlice<TreeEntry>) {
        self.init(leaves: entries.count, bytes: entries.reduce(0) { $0 + $1.value.count }) { add in
            for entry in entries { add(entry.leaf, entry.value.span.bytes) }
        }
    }

    public var count: Int { bytes.isEmpty ? 0 : Int(word(0)) }

    /// What it takes in memory, about: its bytes, the array's head and the allocator's, and its place in the tree.
    public var byteCount: Int { 56 + bytes.count }

    public func leaf(at index: Int) -> TreeLeaf { TreeLeaf(path: path(at: index), hash: hash(at: index)) }

    @usableFromInline
    func path(at index: Int) -> Digest { digest(Self.head + index * Self.slot) }

    @usableFromInline
    func hash(at index: Int) -> Digest { digest(Self.head + index * Self.slot + Bytes32.count) }

    public func value(at index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

    public func value(of path: Digest) -> [UInt8]? {
        guard let index = index(of: path) else { return nil }
        return Array(value(at: index))
    }

    private func index(of path: Digest) -> Int? { (0..<count).first { self.path(at: $0) == path } }

    /// Where a value lies.
    private func range(_ index: Int) -> Range<Int> {
        let values = Self.head + count * Self.slot
        return (values + end(index - 1))..<(values + end(index))
    }

    private func end(_ index: Int) -> Int {
        index < 0 ? 0 : Int(word(Self.head + index * Self.slot + 2 * Bytes32.count))
    }

    private func word(_ offset: Int) -> UInt32 {
        // SAFETY: any bits are a number, and the span checks the bounds.
        unsafe bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)
    }

    private func digest(_ offset: Int) -> Digest {
        // SAFETY: any bits are four words, and the span checks the bounds.
        unsafe Digest(bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Bytes32.self))
    }
}

extension TreeBucket {
    /// The bucket after some updates in the order of their paths; it may have become too large for one.
    @usableFromInline
    func applying(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket {
        if let replaced = replacing(updates) { return replaced }
        var leaves: [(leaf: TreeLeaf, value: ArraySlice<UInt8>)] = []
        leaves.reserveCapacity(count + updates.count)
        var next = 0
        for update in updates {
            while next < count, path(at: next) < update.leaf.path {
                leaves.append((leaf(at: next), value(at: next)))
                next += 1
            }
            if next < count, path(at: next) == update.leaf.path { next += 1 }
            if let value = update.value { leaves.append((update.leaf, value[...])) }
        }
        for index in next..<count { leaves.append((leaf(at: index), value(at: index))) }
        return TreeBucket(leaves: leaves.count, bytes: leaves.reduce(0) { $0 + $1.value.count }) { add in
            for (leaf, value) in leaves { add(leaf, value.span.bytes) }
        }
    }

    /// The common case, in place: every update changes the value of an entry that is there to one as long.
    private func replacing(_ updates: ArraySlice<TreeUpdate.Entry>) -> TreeBucket? {
        var result = self
        for update in updates {
            guard let value = update.value, let index = index(of: update.leaf.path), range(index).count == value.count
            else { return nil }
            let (hash, place) = (Self.head + index * Self.slot + Bytes32.count, range(index))
            result.bytes.withUnsafeMutableBytes { memory in
                // SAFETY: both lie where this bucket has a hash and a value of the same length.
                unsafe memory.storeBytes(of: update.leaf.hash.raw, toByteOffset: hash, as: Bytes32.self)
                unsafe UnsafeMutableRawBufferPointer(rebasing: memory[place]).copyBytes(from: value)
            }
        }
        return result
    }

    /// The entries on one side of a bit, those without it first.
    @usableFromInline
    func parted(at bit: Int) -> (left: TreeBucket, right: TreeBucket) {
        let middle = (0..<count).first { path(at: $0).raw.bit(bit) } ?? count
        return (part(0..<middle), part(middle..<count))
    }

    private func part(_ indices: Range<Int>) -> TreeBucket {
        TreeBucket(leaves: indices.count, bytes: end(indices.upperBound - 1) - end(indices.lowerBound - 1)) { add in
            for index in indices { add(leaf(at: index), value(at: index).span.bytes) }
        }
    }

    @usableFromInline
    static func + (left: TreeBucket, right: TreeBucket) -> TreeBucket {
        let count = left.count + right.count
        return TreeBucket(leaves: count, bytes: left.end(left.count - 1) + right.end(right.count - 1)) { add in
            for bucket in [left, right] {
                for index in 0..<bucket.count { add(bucket.leaf(at: index), bucket.value(at: index).span.bytes) }
            }
        }
    }
}
