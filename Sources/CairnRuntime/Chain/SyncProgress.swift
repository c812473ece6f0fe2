import CairnBase
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

/// How far a node is behind what its peers have proven or claim, and how long it will take.
struct SyncProgress: Sendable, Equatable {
    let target: Height
    let behind: UInt64
    let perThousandSeconds: UInt64?

    /// Nearer than this everyone is now and then.
    private static let nearby: UInt64 = 20

    /// Nil when there is nothing to speak of.
    init?(to target: Height?, from height: Height, rate: UInt64?) {
        guard let target, target.number > height.number + Self.nearby else { return nil }
        self.target = target
        behind = target.number - height.number
        perThousandSeconds = rate
    }

    var left: TimeSpan? {
        guard let rate = perThousandSeconds, rate > 0 else { return nil }
        return behind.times(1_000_000, over: rate).map { .milliseconds($0) }
    }

    var json: JSON {
        [
            "target": JSON(target.number), "behind": JSON(behind),
            "blocks_per_1000_s": perThousandSeconds.map { JSON($0) } ?? .null,
            "left_ms": left.map { JSON($0.milliseconds) } ?? .null,
        ]
    }
}
