public import CairnBase
internal import CairnCrypto

/// Votes that were handed on already, by who brought them: repetitions cost a hash and no signature check.
///
/// Of so many peers some are kept; one more takes the place of whoever has been silent for longest, for names cost nothing.
public struct RecentVotes: Sendable {
    private struct Heard: Sendable {
        var votes: [Digest] = []
        var last: UInt64 = 0
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
        var heard = peers[node] ?? Heard()
        defer { peers[node] = heard }
        heard.last = count
        let digest = Blake2b().digest(voteTag, vote)
        guard !heard.votes.contains(digest) else { return false }
        heard.votes.append(digest)
        if heard.votes.count > Self.votesPerPeer { heard.votes.removeFirst() }
        return true
    }

    public mutating func forget(_ node: NodeID) { peers[node] = nil }
}

private let voteTag = DomainTag("cn/udp-vote")
