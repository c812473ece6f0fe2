internal import CairnBase
internal import CairnCrypto

/// Votes of one peer that were handed on already: repetitions cost a hash and no signature check.
public struct RecentVotes: Sendable {
    private static let limit = 64
    private var seen: [Digest] = []

    public init() {}

    public mutating func isNew(_ vote: [UInt8]) -> Bool {
        let digest = Blake2b().digest(voteTag, vote)
        guard !seen.contains(digest) else { return false }
        seen.append(digest)
        if seen.count > Self.limit { seen.removeFirst() }
        return true
    }
}

private let voteTag = DomainTag("cn/udp-vote")
