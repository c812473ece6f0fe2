public import CairnBase
internal import CairnWire

/// A chain of reads in which every leaf decides which one comes next: it cannot be split, foreseen or asked elsewhere
/// without paying the way there and back at every step.
public struct Walk: Sendable, Hashable {
    /// How many leaves the partition has.
    public let leaves: UInt64
    public private(set) var digest: Digest
    public private(set) var steps = 0

    private static let stepTag = DomainTag("cn/step")

    /// Nil if there are no leaves to walk over.
    public init?(from start: Digest, leaves: UInt64) {
        guard leaves > 0 else { return nil }
        self.leaves = leaves
        digest = start
    }

    /// The leaf to read next; after the last step, the one that the full check asks for.
    public var place: UInt64 { digest.raw.low64 % leaves }

    /// Goes on over the leaf at `place`; false, and nothing done, if that is not one leaf long.
    public mutating func step(over leaf: [UInt8], using hash: some HashFunction) -> Bool {
        guard leaf.count == StorageUnits.leafBytes else { return false }
        var writer = ByteWriter()
        writer.identifier(digest)
        writer.raw(leaf)
        digest = hash.digest(Self.stepTag, writer.bytes)
        steps += 1
        return true
    }
}
