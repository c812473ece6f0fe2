public import CairnBase
public import CairnWire

/// One seat of a committee: the keys that speak for it and the stake behind them, frozen for an epoch.
public struct Validator: Sendable, Hashable, Canonical {
    /// Signs votes.
    public let key: PublicKey
    /// Where its messages go.
    public let node: NodeID
    /// Proves the randomness of the blocks it proposes.
    public let randomnessKey: VRFPublicKey
    public let weight: UInt64

    public init(key: PublicKey, node: NodeID, randomnessKey: VRFPublicKey, weight: UInt64) {
        self.key = key
        self.node = node
        self.randomnessKey = randomnessKey
        self.weight = weight
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        key = try reader.identifier()
        node = try reader.identifier()
        randomnessKey = try reader.identifier()
        weight = try reader.u64()
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(key)
        writer.identifier(node)
        writer.identifier(randomnessKey)
        writer.u64(weight)
    }
}
