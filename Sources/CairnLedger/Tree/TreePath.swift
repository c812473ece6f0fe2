public import CairnBase

/// A place in the state tree: the first `depth` bits that all paths below it share.
public struct TreePath: Sendable, Hashable {
    /// The bits, zero behind `depth`.
    public let prefix: Digest
    public let depth: Int

    public static let root = TreePath(.zero, depth: 0)

    /// The place at a depth on the way to a path.
    public init(_ path: Digest, depth: Int) {
        prefix = Digest(path.raw.keeping(bits: depth))
        self.depth = depth
    }

    @usableFromInline
    func child(_ isRight: Bool) -> TreePath {
        TreePath(isRight ? Digest(prefix.raw.setting(bit: depth)) : prefix, depth: depth + 1)
    }

    public func holds(_ path: Digest) -> Bool { path.raw.keeping(bits: depth) == prefix.raw }

    /// The last path that may lie below this place; `prefix` is the first.
    public var last: Digest { Digest(prefix.raw.filling(from: depth)) }
}

extension TreePath: CustomStringConvertible {
    public var description: String { "/" + String(prefix.description.prefix((depth + 3) / 4)) + ".\(depth)" }
}
