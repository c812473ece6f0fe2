import CairnBase
import CairnNode
import CairnWire

/// How fast blocks are executed, by the last few seconds.
struct BlockRate: Sendable {
    private static let marksKept = 10
    private static let span = TimeSpan.seconds(1)

    private var marks: [(at: Instant, height: Height)] = []

    mutating func reach(_ height: Height, at now: Instant) {
        if let last = marks.last, now.since(last.at) < Self.span { return }
        marks.append((now, height))
        if marks.count > Self.marksKept { marks.removeFirst() }
    }

    /// Blocks in a thousand seconds; nil until there is something to measure.
    func perThousandSeconds(at height: Height, _ now: Instant) -> UInt64? {
        guard let first = marks.first(where: { now.since($0.at) <= Self.span * UInt64(Self.marksKept) }),
            height > first.height
        else { return nil }
        let milliseconds = max(1, now.since(first.at).milliseconds)
        return (height.number - first.height.number).times(1_000_000, over: milliseconds)
    }
}

/// How far a node is behind, and how long it will take.
struct SyncProgress: Sendable, Equatable {
    /// As peers say, where they say more than is proven.
    let target: Height
    /// As far as a quorum is known to have signed.
    let proven: Height
    let behind: UInt64
    let perThousandSeconds: UInt64?
    /// Whether the node is known to be behind, and not only by somebody's word.
    let isProven: Bool

    /// Nearer than this everyone is now and then.
    private static let nearby: UInt64 = 20

    /// Nil when there is nothing to speak of.
    init?(to goal: SyncTarget?, from height: Height, rate: UInt64?) {
        guard let goal, goal.claimed > height.advanced(by: Self.nearby) else { return nil }
        (target, proven) = (goal.claimed, goal.proven)
        isProven = goal.proven > height.advanced(by: Self.nearby)
        behind = target.number - height.number
        perThousandSeconds = rate
    }

    /// At the rate of now.
    var left: TimeSpan? {
        guard let rate = perThousandSeconds, rate > 0 else { return nil }
        return behind.times(1_000_000, over: rate).map { .milliseconds($0) }
    }

    var json: JSON {
        [
            "target": JSON(target.number), "proven": JSON(proven.number), "behind": JSON(behind),
            "blocks_per_1000_s": perThousandSeconds.map { JSON($0) } ?? .null,
            "left_ms": left.map { JSON($0.milliseconds) } ?? .null,
        ]
    }
}
