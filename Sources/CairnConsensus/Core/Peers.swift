import CairnBase

/// What is known of one other member of the committee, and when it was last helped.
struct PeerRecord: Sendable, Equatable {
    /// The highest position it has claimed.
    var epoch = Epoch(0)
    var view = View(0)
    /// When a vote or proposal of its own came last.
    var heardAt: Instant?
    /// Since when it could have been heard, if it never was.
    let awaitedSince: Instant
    var helpedAt: Instant?
    var askedAt: Instant?
    var answeredAt: Instant?
    var toldStatusAt: Instant?

    init(awaitedSince: Instant) {
        self.awaitedSince = awaitedSince
    }

    func isHeard(now: Instant, within span: TimeSpan) -> Bool { heardAt.map { now < $0 + span } ?? false }

    /// Nothing came of it for so long. Who was never heard has had the same time to be.
    func isSilent(now: Instant, for span: TimeSpan) -> Bool { now >= (heardAt ?? awaitedSince) + span }

    /// True at most once in `span`.
    static func mayRepeat(_ last: inout Instant?, now: Instant, every span: TimeSpan) -> Bool {
        if let last, now < last + span { return false }
        last = now
        return true
    }
}

/// Answers to nodes outside the committee come out of one small allowance for all of them.
struct StrangerAllowance: Sendable, Equatable {
    var startedAt: Instant?
    var used = 0

    mutating func take(now: Instant, every span: TimeSpan) -> Bool {
        if startedAt.map({ now >= $0 + span }) ?? true {
            startedAt = now
            used = 0
        }
        used += 1
        return used <= ConsensusLimits.repliesToStrangers
    }
}

/// What was turned away, for the metrics.
public struct ConsensusCounters: Sendable, Hashable {
    public var otherEpoch: UInt64 = 0
    public var outsideWindow: UInt64 = 0
    public var belowFloor: UInt64 = 0
    public var foreignMember: UInt64 = 0
    public var unanswered: UInt64 = 0
    public var early: UInt64 = 0
}

/// How much a core holds at a moment.
public struct ConsensusGauge: Sendable, Hashable {
    /// Views above the floor of which anything is known.
    public let views: Int
    /// Those of them whose votes are kept.
    public let tallies: Int
    public let blocks: Int
    public let early: Int
    public let outstanding: Int
}
