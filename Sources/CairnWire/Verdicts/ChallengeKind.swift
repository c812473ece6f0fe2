public import CairnBase

/// What a challenge asks for. Numbers are part of challenge ids.
public enum ChallengeKind: UInt8, Sendable, CaseIterable {
    case radio = 1
    case roundTrip = 2
    case sealedRound = 3
    case hotRound = 4
    case retrieval = 5

    /// The id of the challenge of this kind that a profile's resource gets at a height. Nobody chooses it; everybody can
    /// compute it.
    public func challenge(
        of target: ResourceID, profile: UInt16, at height: Height, chain: ChainID, using hash: some HashFunction
    ) -> Digest {
        var writer = ByteWriter(capacity: 75)
        writer.identifier(chain)
        writer.u8(rawValue)
        writer.u16(profile)
        writer.ordinal(height)
        writer.identifier(target)
        return hash.digest(Self.domain, writer.bytes)
    }

    private static let domain = DomainTag("cn/chal")
}
