public import CairnBase
public import CairnWire

/// One leaf of the state tree: the hash of a key and the hash of the value under it.
public struct TreeLeaf: Sendable, Equatable {
    public let key: Digest
    public let value: Digest

    public init(key: Digest, value: Digest) {
        self.key = key
        self.value = value
    }
}

/// A stored part of the state tree: all the leaves below a path while they are few, else sixteen subtrees.
///
/// Pages are how the tree lies in a database. They do not enter the root, which is defined over the leaves alone.
public enum TreePage: Sendable, Equatable {
    public struct Child: Sendable, Equatable {
        /// How many leaves lie below; a subtree of one leaf has that leaf's hash.
        public let count: UInt64
        public let hash: Digest
    }

    /// In the order of their key hashes, at least one and at most `leavesMax`.
    case leaves([TreeLeaf])
    /// One slot per nibble; more than `leavesMax` leaves in all.
    case branch([Child?])

    static let leavesMax = 32
    static let fanOut = 16
    /// A branch of sixteen children is the largest page but for a full one of leaves.
    public static let byteCountMax = 2 + leavesMax * 2 * Bytes32.count
}

extension TreePage: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        switch try reader.u8() {
        case 0:
            let count = Int(try reader.u8())
            guard count > 0, count <= Self.leavesMax else { throw .invalid("tree leaves") }
            var leaves: [TreeLeaf] = []
            leaves.reserveCapacity(count)
            for _ in 0..<count {
                let leaf = TreeLeaf(key: try reader.identifier(), value: try reader.identifier())
                if let last = leaves.last, last.key >= leaf.key { throw .notCanonical("tree leaf order") }
                leaves.append(leaf)
            }
            self = .leaves(leaves)
        case 1:
            let occupied = try reader.u16()
            var children = [Child?](repeating: nil, count: Self.fanOut)
            for slot in children.indices where occupied >> UInt16(slot) & 1 == 1 {
                let count = try reader.u64()
                guard count > 0 else { throw .notCanonical("empty tree child") }
                children[slot] = Child(count: count, hash: try reader.identifier())
            }
            self = .branch(children)
        case let kind: throw .unknown("tree page", UInt64(kind))
        }
    }

    public func encode(into writer: inout ByteWriter) {
        switch self {
        case .leaves(let leaves):
            writer.u8(0)
            writer.u8(UInt8(truncatingIfNeeded: leaves.count))
            for leaf in leaves {
                writer.identifier(leaf.key)
                writer.identifier(leaf.value)
            }
        case .branch(let children):
            writer.u8(1)
            var occupied: UInt16 = 0
            for slot in children.indices where children[slot] != nil { occupied |= 1 << UInt16(slot) }
            writer.u16(occupied)
            for case let child? in children {
                writer.u64(child.count)
                writer.identifier(child.hash)
            }
        }
    }
}

/// A page as a block leaves it; nil removes it.
public struct PageChange: Sendable, Equatable {
    public let path: TreePath
    public let page: TreePage?
}
