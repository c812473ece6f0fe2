import CairnBase

/// Whom to ask for the past: everyone connected in turn, those who answer more than those who do not, liars not at all.
struct SyncPeers: Sendable {
    private struct Record: Sendable {
        /// The epoch it says it is in.
        var claimed = Epoch(0)
        var outstanding = 0
        /// Questions in a row that it has left without a good answer.
        var strikes: UInt64 = 0
        var restsUntil = Instant.origin
        /// When it was last asked, in the order of questions.
        var lastAsked: UInt64 = 0
    }

    /// Questions to one peer at a time: as many as it takes under one protocol.
    static let perPeer = 2
    private static let shortestRest = TimeSpan.seconds(1)
    private static let longestRest = TimeSpan.seconds(30)
    /// How long whoever told something false is not asked.
    private static let distrust = TimeSpan.seconds(60)
    private static let distrustedLimit = 1_024
    private static let absentLimit = 1_024

    private var records = OrderedMap<NodeID, Record>()
    /// Of those that left while they rested: who comes back rests on.
    private var absent = OrderedMap<NodeID, Record>()
    private var distrusted = OrderedMap<NodeID, Instant>()
    private var questions: UInt64 = 0

    mutating func join(_ peer: NodeID) {
        guard records[peer] == nil else { return }
        records[peer] = absent.removeValue(forKey: peer) ?? Record()
    }

    mutating func leave(_ peer: NodeID) {
        guard var record = records.removeValue(forKey: peer), record.strikes > 0 else { return }
        (record.claimed, record.outstanding) = (Epoch(0), 0)
        absent[peer] = record
        if absent.count > Self.absentLimit { _ = absent.popFirst() }
    }

    /// A peer speaks of an epoch; whether that is true shows when it is asked.
    mutating func note(_ peer: NodeID, claims epoch: Epoch) {
        if let claimed = records[peer]?.claimed, epoch > claimed { records[peer]?.claimed = epoch }
    }

    /// The furthest that anyone who may be asked says to be.
    func furthestClaim(at now: Instant) -> Epoch {
        records.filter { isTrusted($0.key, at: now) }.map(\.value.claimed).max() ?? Epoch(0)
    }

    /// Who is asked next: of those that may be asked, the one asked longest ago among those with the fewest questions.
    mutating func pick(claiming epoch: Epoch = Epoch(0), at now: Instant) -> NodeID? {
        var best: (peer: NodeID, rank: (Int, UInt64))?
        for (peer, record) in records
        where record.outstanding < Self.perPeer && record.restsUntil <= now && record.claimed >= epoch
            && isTrusted(peer, at: now)
        {
            let rank = (record.outstanding, record.lastAsked)
            if best.map({ rank < $0.rank }) ?? true { best = (peer, rank) }
        }
        guard let peer = best?.peer else { return nil }
        questions += 1
        records[peer]?.outstanding += 1
        records[peer]?.lastAsked = questions
        return peer
    }

    mutating func answered(_ peer: NodeID) {
        guard let outstanding = records[peer]?.outstanding else { return }
        records[peer]?.outstanding = max(0, outstanding - 1)
        records[peer]?.strikes = 0
    }

    /// It did not answer in time, or does not have what it was asked for: it is left alone for a while, longer each time.
    mutating func disappointed(_ peer: NodeID, at now: Instant) {
        guard let record = records[peer] else { return }
        records[peer]?.outstanding = max(0, record.outstanding - 1)
        records[peer]?.strikes = min(record.strikes + 1, 8)
        records[peer]?.claimed = Epoch(0)
        let rest = TimeSpan(nanoseconds: Self.shortestRest.nanoseconds << record.strikes)
        records[peer]?.restsUntil = now + min(rest, Self.longestRest)
    }

    /// How many questions in a row it has left without a good answer.
    func strikes(of peer: NodeID) -> UInt64 { records[peer]?.strikes ?? 0 }

    /// It told something that was shown to be false.
    mutating func lied(_ peer: NodeID, at now: Instant) {
        records.removeValue(forKey: peer)
        distrusted[peer] = now + Self.distrust
        if distrusted.count > Self.distrustedLimit { _ = distrusted.popFirst() }
    }

    private func isTrusted(_ peer: NodeID, at now: Instant) -> Bool { distrusted[peer].map { $0 <= now } ?? true }
}
