public import CairnBase
internal import CairnCrypto

/// Votes that were handed on already, by who brought them: repetitions cost a hash and no signature check.
///
/// Of so many peers some are kept; one more takes the place of whoever has been silent for longest, for names cost nothing.
public struct RecentVotes: Sendable {
    private struct Heard: Sendable {
        var votes: [Digest] = []
        var last: UInt64 = 0

        /// In place: a copy of the votes for each vote would cost more than looking for one.
        mutating func take(_ vote: Digest, number: UInt64) -> Bool {
            last = number
            guard !votes.contains(vote) else { return false }
            votes.append(vote)
            if votes.count > RecentVotes.votesPerPeer { votes.removeFirst() }
            return true
        }
    }

    private static let votesPerPeer = 64
    private let capacity: Int
    private var peers = OrderedMap<NodeID, Heard>()
    private var count: UInt64 = 0

    public init(peers capacity: Int) {
        self.capacity = capacity
    }

    public var peerCount: Int { peers.count }

    public mutating func isNew(_ vote: [UInt8], from node: NodeID) -> Bool {
        if !peers.contains(node), peers.count >= capacity {
            let oldest = peers.min { ($0.value.last, $0.key) < ($1.value.last, $1.key) }
            if let oldest { peers[oldest.key] = nil }
        }
        count &+= 1
        return peers[node, default: Heard()].take(Blake2b().digest(voteTag, vote), number: count)
    }

    public mutating func forget(_ node: NodeID) { peers[node] = nil }
}

private let voteTag = DomainTag("cn/udp-vote")
