public import CairnBase
import CairnWire

/// Who is challenged at a height.
public struct Challenged: Sendable, Hashable {
    public let id: Digest
    public let height: Height
    /// Place in the epoch's view.
    public let target: UInt32

    /// All of them, in the order of the view.
    public static func all(
        at height: Height, in view: CoverageView, randomness: Digest, chain: ChainID, using hash: some HashFunction
    ) -> [Challenged] {
        view.members.indices.compactMap { index in
            let member = view.members[index]
            guard member.takesPart,
                Draw.challenges(
                    member.id, at: height, rateMilli: member.rateMilli, epochBlocks: view.rules.epochBlocks,
                    randomness: randomness, using: hash)
            else { return nil }
            let id = ChallengeKind.radio.challenge(
                of: member.id, profile: view.rules.profile, at: height, chain: chain, using: hash)
            return Challenged(id: id, height: height, target: UInt32(index))
        }
    }
}
