public import CairnBase

/// Where a page of the state tree lies: the first `depth` nibbles of the key hashes below it.
public struct TreePath: Sendable, Hashable {
    /// The nibbles, zero behind `depth`.
    public let prefix: Bytes32
    public let depth: Int

    public static let root = TreePath(prefix: .zero, depth: 0)
    static let depthMax = 64

    func child(_ nibble: Int) -> TreePath {
        TreePath(prefix: prefix.replacingTail(afterNibbles: depth, with: nibble), depth: depth + 1)
    }

    /// The depth, then as many bytes as hold the nibbles: a compact key for a database.
    public var bytes: [UInt8] {
        [UInt8(truncatingIfNeeded: depth)] + prefix.bytes.prefix((depth + 1) / 2)
    }
}

extension TreePath: CustomStringConvertible {
    public var description: String { "/" + String(prefix.description.prefix(depth)) }
}
