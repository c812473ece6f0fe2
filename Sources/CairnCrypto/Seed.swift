public import CairnBase

/// Thirty-two secret bytes from which a key is derived: what a key file holds and what a recovery phrase spells.
public struct Seed: ~Copyable, Sendable {
    public static let count = 32

    let bytes: SecretBytes

    /// Takes exactly 32 bytes; any other length is refused.
    public init?(_ bytes: consuming SecretBytes) {
        guard bytes.count == Self.count else { return nil }
        self.bytes = bytes
    }

    /// A seed that is no secret: of a development network, a test, a simulation.
    public init(known bytes: Bytes32) {
        self.bytes = SecretBytes(copying: bytes.inline.span.bytes)
    }

    public static func random() -> Seed {
        Seed(fresh: .random(count: count))
    }

    private init(fresh bytes: consuming SecretBytes) {
        self.bytes = bytes
    }

    /// Another seed that follows from this one, and does not lead back to it.
    func derived(_ tag: DomainTag) -> Seed {
        Seed(
            fresh: SecretBytes(
                count: Self.count,
                filledBy: { own in bytes.lend { hash(tag, $0, 32, into: own, count: 32) } }))
    }

    consuming func intoBytes() -> SecretBytes {
        bytes
    }

    /// Whether the seed can never reach swap.
    public var isLocked: Bool { bytes.isLocked }
}
