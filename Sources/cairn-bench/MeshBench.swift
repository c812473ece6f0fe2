import CairnBase
import CairnCrypto
import CairnGossip
import CairnSimulator
import CairnTransport

/// Publishing in simulated networks of several sizes beside the shortest ways there are, and on one real core beside the
/// signatures it has to check.
/// One part after the other, each printed when it is done.
let meshBenches: [@Sendable () -> [Figure]] =
    membershipBenches + [
        { small(50) }, { small(1_000) }, lean, troubled, { large(20, 2.2, 450) }, { large(100, 2.5, 335) },
        { [block(), setUp(), throughput()] }, { small(10_000) },
    ] + largeMembershipBenches

private func small(_ nodes: Int) -> [Figure] {
    var setting = QuietMesh.Setting(nodes: nodes, bitsPerSecond: 100_000_000)
    // As nodes do that know of so many members.
    setting.shape = TopicSettings(among: nodes)
    let (outcome, factor, memory) = timed(setting, count: nodes > 1_000 ? 10 : 40, parts: 1, partBytes: 256)
    var figures = spans("n=\(nodes) 256 B", outcome, targets: (1.15, 1.15))
    figures.append(
        Figure(
            bench: "mesh", name: "n=\(nodes) 256 B copies", value: outcome.copiesRatio, unit: "x", limit: 1,
            limitName: "each once", ratio: outcome.copiesRatio, better: .lower, target: 6))
    figures.append(
        Figure(
            bench: "mesh", name: "n=\(nodes) speed", value: factor, unit: "x", limit: 1, limitName: "real time",
            ratio: factor, better: .higher, target: 1))
    if nodes == 50 {
        figures.append(
            Figure(
                bench: "mesh", name: "n=50 256 B hops", value: Double(outcome.hops), unit: "links", limit: 6,
                limitName: "log2 n, rounded up", ratio: Double(outcome.hops) / 6, better: .lower, target: 1))
    } else {
        figures.append(memory)
    }
    return figures
}

/// A fifth of what connections carry has to be sent again; and half of all nodes gone at once, unnoticed.
private func troubled() -> [Figure] {
    var lossy = QuietMesh.Setting(nodes: 50, bitsPerSecond: 100_000_000)
    lossy.lost = 200
    var halved = QuietMesh.Setting(nodes: 1_000, bitsPerSecond: 100_000_000)
    halved.dying = 500
    return [
        within(.seconds(2), "n=50 256 B 20 % sent again", timed(lossy, count: 75, parts: 1, partBytes: 256).outcome, 1),
        within(.seconds(1), "n=1000 256 B half gone", timed(halved, count: 1, parts: 1, partBytes: 256).outcome, 1),
    ]
}

/// The largest message there may be, as a block that travels whole.
private func block() -> Figure {
    let setting = QuietMesh.Setting(nodes: 1_000, bitsPerSecond: 20_000_000)
    let outcome = timed(setting, count: 10, parts: 4, partBytes: 15_000).outcome
    return within(.seconds(1), "n=1000 60 kB 20 Mbit/s", outcome, 0.99)
}

private func within(_ span: TimeSpan, _ name: String, _ outcome: QuietMesh.Outcome, _ target: Double) -> Figure {
    let inTime = outcome.arrival.count { $0 <= span.nanoseconds }
    let share = Double(inTime) / Double(max(outcome.expected, 1))
    return Figure(
        bench: "mesh", name: "\(name), in \(span.milliseconds / 1_000) s", value: share, unit: "of all", limit: 1,
        limitName: "all that a way leads to", ratio: share, better: .higher, target: target)
}

private func setUp() -> Figure {
    let trips = MemoryWire.roundTripsToFirstEcho().map(Double.init) ?? .infinity
    return Figure(
        bench: "mesh", name: "connect to first echo", value: trips, unit: "trips", limit: 3, limitName: "bar",
        ratio: trips / 3, better: .lower, target: 1)
}

/// A mesh with a link less: fewer copies for a little time.
private func lean() -> [Figure] {
    var setting = QuietMesh.Setting(nodes: 1_000, bitsPerSecond: 100_000_000)
    (setting.shape.degree, setting.shape.low, setting.shape.high, setting.shape.near) = (5, 4, 8, 4)
    let (outcome, _, _) = timed(setting, count: 40, parts: 1, partBytes: 256)
    let name = "n=1000 256 B lean"
    return [
        spans(name, outcome, targets: (1.25, 1.25))[1],
        Figure(
            bench: "mesh", name: "\(name) copies", value: outcome.copiesRatio, unit: "x", limit: 1,
            limitName: "each once", ratio: outcome.copiesRatio, better: .lower, target: 5),
    ]
}

/// 100 kB as seven parts.
private func large(_ megabits: UInt64, _ bytes: Double, _ milliseconds: Double) -> [Figure] {
    let setting = QuietMesh.Setting(nodes: 1_000, bitsPerSecond: megabits * 1_000_000)
    let (outcome, _, _) = timed(setting, count: 10, parts: 7, partBytes: 14_286)
    let name = "n=1000 100 kB \(megabits) Mbit/s"
    let last = percentile(99, outcome.arrival)
    return [
        Figure(
            bench: "mesh", name: "\(name) bytes", value: outcome.bytesRatio, unit: "x", limit: 1,
            limitName: "each once", ratio: outcome.bytesRatio, better: .lower, target: bytes),
        Figure(
            bench: "mesh", name: "\(name) p99", value: last, unit: "ms", limit: milliseconds, limitName: "bar",
            ratio: last / milliseconds, better: .lower, target: 1),
        delivered(name, outcome),
    ]
}

private func timed(
    _ setting: QuietMesh.Setting, count: Int, parts: Int, partBytes: Int
) -> (outcome: QuietMesh.Outcome, factor: Double, memory: Figure) {
    var outcome = QuietMesh.Outcome()
    var mesh = QuietMesh(setting)
    let time = Measurement.nanoseconds {
        outcome = mesh.run(count: count, parts: parts, partBytes: partBytes, every: .milliseconds(700))
    }
    let held = withExtendedLifetime(mesh) { memory("n=\(setting.nodes) pub/sub", setting.nodes) }
    return (outcome, Double(outcome.simulated.nanoseconds) / time, held)
}

private func spans(_ name: String, _ outcome: QuietMesh.Outcome, targets: (Double, Double)) -> [Figure] {
    [(50, targets.0), (99, targets.1)].map { percent, target in
        let (value, limit) = (percentile(percent, outcome.arrival), percentile(percent, outcome.shortest))
        return Figure(
            bench: "mesh", name: "\(name) p\(percent)", value: value, unit: "ms", limit: limit,
            limitName: "shortest way", ratio: value / limit, better: .lower, target: target)
    } + [delivered(name, outcome)]
}

private func delivered(_ name: String, _ outcome: QuietMesh.Outcome) -> Figure {
    let share = Double(outcome.arrival.count) / Double(max(outcome.expected, 1))
    return Figure(
        bench: "mesh", name: "\(name) delivered", value: share, unit: "of all", limit: 1, limitName: "all",
        ratio: share, better: .higher, target: 1)
}

private func percentile(_ percent: Int, _ sorted: [UInt64]) -> Double {
    guard !sorted.isEmpty else { return .infinity }
    return Double(sorted[min(sorted.count - 1, sorted.count * percent / 100)]) / 1e6
}

/// Signed messages as they come over a sealed connection, through the core to acceptance, beside their signatures alone:
/// one each.
private func throughput() -> Figure {
    let feed = MessageFeed(count: 4_000)
    let measured = Measurement.paired(operations: feed.count, ours: { feed.run() }, limit: { feed.verify() })
    return Figure(
        bench: "mesh", name: "signed 256 B, one core", value: 1e9 / measured.ours, unit: "msg/s",
        limit: 1e9 / measured.limit, limitName: "bare verification", ratio: 1 / measured.ratio, better: .higher,
        target: 0.8)
}
