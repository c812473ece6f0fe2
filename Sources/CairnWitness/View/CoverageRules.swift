public import CairnBase

/// The numbers of a coverage profile. *Of the protocol*: all nodes of a network judge by the same ones.
public struct CoverageRules: Sendable, Hashable {
    public var profile: UInt16
    public var epochBlocks: UInt64
    /// How many receipts of a challenge count at most.
    public var seats: Int
    /// How many must count for the challenge to count.
    public var quorum: Int
    /// How many of them must depend on nobody that the challenged one controls.
    public var independent: Int
    public var nearest: UInt64
    public var farthest: UInt64

    public init(
        profile: UInt16, epochBlocks: UInt64, seats: Int, quorum: Int, independent: Int, nearest: UInt64,
        farthest: UInt64
    ) {
        self.profile = profile
        self.epochBlocks = epochBlocks
        self.seats = seats
        self.quorum = quorum
        self.independent = independent
        self.nearest = nearest
        self.farthest = farthest
    }

    public static let main = CoverageRules(
        profile: 1, epochBlocks: 600, seats: 10, quorum: 4, independent: 3, nearest: 300, farthest: 100_000)
    public static let testnet = CoverageRules(
        profile: 1, epochBlocks: 30, seats: 5, quorum: 3, independent: 2, nearest: 300, farthest: 15_000)

    /// Trust from which a witness may take a seat before the untrusted, in parts per million.
    public static let trustedFrom: UInt64 = 250_000

    /// The epoch of a height; genesis belongs to the first.
    public func epoch(of height: Height) -> Epoch {
        Epoch(height.number == 0 || epochBlocks == 0 ? 0 : (height.number - 1) / epochBlocks)
    }
}
