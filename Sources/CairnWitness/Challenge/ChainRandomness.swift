public import CairnBase

/// The chain's random values of recent heights. Before genesis stands the value of genesis.
public struct ChainRandomness: Sendable {
    private let origin: Digest
    private var values: BoundedMap<Height, Digest>

    /// A verdict may come forty blocks after its challenge, which uses the value of two blocks before.
    public static let kept = 64

    public init(origin: Digest) {
        self.origin = origin
        values = BoundedMap(capacity: Self.kept, overflow: .dropLowest)
    }

    public var newest: Height? { values.entries.last?.key }

    public mutating func set(_ value: Digest, at height: Height) { values.updateValue(value, forKey: height) }

    public subscript(height: Height) -> Digest? { height == .genesis ? origin : values[height] }

    /// What a challenge at this height is derived from: the value of two heights before.
    public func forChallenge(at height: Height) -> Digest? {
        height.number <= 2 ? origin : self[height.preceding(by: 2)]
    }
}
