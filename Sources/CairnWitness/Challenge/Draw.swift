public import CairnBase

/// A number drawn from the chain's randomness for one purpose, height and object.
///
/// The height and the object are always part of it: without them one order would hold for all challenges of a block.
public enum Draw {
    /// The first eight bytes of H(tag; R, n, ids).
    public static func number(
        _ tag: DomainTag, _ randomness: Digest, _ height: Height, _ ids: [Bytes32], using hash: some HashFunction
    ) -> UInt64 {
        hash.draw(tag, randomness, at: height.number, for: ids.flatMap(\.bytes))
    }

    /// Whether a resource is challenged at a height, with the randomness of two heights before.
    public static func challenges(
        _ target: ResourceID, at height: Height, rateMilli: UInt64, epochBlocks: UInt64, randomness: Digest,
        using hash: some HashFunction
    ) -> Bool {
        number(Tags.lottery, randomness, height, [target.raw], using: hash)
            < .drawThreshold(rateMilli, over: epochBlocks.times(1000, over: 1) ?? .max)
    }

    /// How long after its challenge a gateway sends. Of two that send at once neither hears the other, and who are
    /// challenged together hear of it together.
    static func moment(
        of challenge: Digest, at height: Height, within spread: TimeSpan, randomness: Digest,
        using hash: some HashFunction
    ) -> TimeSpan {
        let draw = number(Tags.moment, randomness, height, [challenge.raw], using: hash)
        return TimeSpan(nanoseconds: spread.nanoseconds.multipliedFullWidth(by: draw).high)
    }

    /// The place of a witness in the queue for a seat, with the randomness drawn after all receipts were in.
    public static func seat(
        _ witness: ResourceID, in challenge: Digest, at height: Height, randomness: Digest,
        using hash: some HashFunction
    ) -> UInt64 {
        number(Tags.selection, randomness, height, [challenge.raw, witness.raw], using: hash)
    }

    /// The place of a witness in the queue for a place in a validator's memory, which is limited.
    public static func candidate(
        _ witness: ResourceID, in challenge: Digest, at height: Height, randomness: Digest,
        using hash: some HashFunction
    ) -> UInt64 {
        number(Tags.candidates, randomness, height, [challenge.raw, witness.raw], using: hash)
    }
}
