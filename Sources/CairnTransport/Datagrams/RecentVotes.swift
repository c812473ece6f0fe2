internal import CairnBase
internal import CairnCrypto

/// The last votes that went to one peer and may still matter: each datagram with a vote repeats those before it, so that
/// one lost datagram costs nothing.
public struct UnsettledVotes: Sendable {
    private static let limit = 3
    private var votes: [(view: UInt64, bytes: [UInt8])] = []

    public init() {}

    /// What to send now: the new vote, then earlier ones, as far as they fit into one datagram.
    public mutating func sending(_ vote: [UInt8], of view: UInt64) -> [DatagramMessage] {
        var room = DatagramMessage.bodyLimit - vote.count
        var batch = [DatagramMessage(.vote, vote)]
        for earlier in votes.reversed() where earlier.bytes != vote {
            room -= DatagramMessage.header + earlier.bytes.count
            guard room >= 0 else { break }
            batch.append(DatagramMessage(.vote, earlier.bytes))
        }
        votes.removeAll { $0.bytes == vote }
        votes.append((view, vote))
        if votes.count > Self.limit { votes.removeFirst() }
        return batch
    }

    /// Views below are decided; their votes are not repeated any more.
    public mutating func settle(below view: UInt64) {
        votes.removeAll { $0.view < view }
    }
}

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
