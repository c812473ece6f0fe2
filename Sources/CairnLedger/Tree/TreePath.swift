public import CairnBase

/// A place in the state tree: the first `depth` bits that all paths below it share.
public struct TreePath: Sendable, Hashable {
    /// The bits, zero behind `depth`.
    public let prefix: Digest
    public let depth: Int

    public static let root = TreePath(prefix: .zero, depth: 0)

    func child(_ isRight: Bool) -> TreePath {
        TreePath(prefix: isRight ? Digest(prefix.raw.setting(bit: depth)) : prefix, depth: depth + 1)
    }

    /// The last path that may lie below this place; `prefix` is the first.
    public var last: Digest {
        var bytes = prefix.raw.bytes
        for index in depth..<(8 * bytes.count) { bytes[index >> 3] |= 0x80 >> UInt8(index & 7) }
        return Digest(bytes) ?? prefix
    }
}

extension TreePath: CustomStringConvertible {
    public var description: String { "/" + String(prefix.description.prefix((depth + 3) / 4)) + ".\(depth)" }
}
