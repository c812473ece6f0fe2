import CairnBase
import CairnRuntime
import Glibc

/// Real processes on loopback, ours and then Debian's serf, looked at in the same way in the same run: how soon all know all,
/// how soon a killed one is missed by all, how soon an event is everywhere, what it costs to be idle, and memory.
///
/// Ours run sealed, serf in clear. It starts what it ends, and wants the loopback of a network namespace for itself, which
/// `scripts/bench mesh --real` gives it.
func realMeshBench(_ setting: RealMeshSetting) -> [Figure] {
    setting.sizes.flatMap { size -> [Figure] in
        let directory = "/tmp/cairn-real-\(getpid())"
        mkdir(directory, 0o700)
        defer { _ = system("rm -rf '\(directory)'") }
        let ours = watch(CairnCluster(size: size, directory: directory), setting)
        let lossy = lose(size, directory, setting)
        let serf = SerfCluster(size: size, directory: directory)
        let theirs = watch(serf, setting) { number in serf.event("mark-\(number)", from: number % size) }
        let events = transactions(size, setting)
        return figures(size, setting, ours, theirs, events) + lossy
    }
}

struct RealMeshSetting: Sendable {
    var sizes = [20]
    var starts = 4
    var losses = 3
    var events = 12
    var idleSeconds: UInt32 = 25
    /// How long a fifth of everything is lost; nothing is where it is zero.
    var lossSeconds: UInt32 = 0

    /// About an hour and a half.
    static let full = RealMeshSetting(
        sizes: [20, 50], starts: 20, losses: 20, events: 40, idleSeconds: 600, lossSeconds: 600)
}

/// What the command line says of it.
struct RealMeshChoice: Sendable {
    var isReal = false
    var isFull = false
    var nodes: Int?
    var lossSeconds: UInt32?

    /// Nil where the mesh is to be simulated.
    var setting: RealMeshSetting? {
        guard isReal || isFull || nodes != nil || lossSeconds != nil else { return nil }
        var setting = isFull ? .full : RealMeshSetting()
        if let nodes { setting.sizes = [nodes] }
        if let lossSeconds { setting.lossSeconds = lossSeconds }
        return setting
    }
}

/// What was seen of one kind; what never happened is infinitely late.
private struct Seen {
    var starts: [Double] = []
    var losses: [Double] = []
    var events: [Double] = []
    var idleBytes = Double.nan
    var megabytes = Double.nan
}

private func watch(
    _ cluster: some RealCluster, _ setting: RealMeshSetting, event: ((Int) -> Double?)? = nil
) -> Seen {
    var seen = Seen()
    for round in 0..<setting.starts {
        if round > 0 { cluster.stop() }
        seen.starts.append(cluster.start() ?? .infinity)
    }
    defer { cluster.stop() }
    // What a start sets in motion is over by then.
    sleep(15)
    let before = (loopbackBytes(), Clock.monotonic())
    sleep(setting.idleSeconds)
    let seconds = Double(Clock.monotonic().since(before.1).nanoseconds) / 1e9
    seen.idleBytes = (loopbackBytes() - before.0) / seconds / Double(cluster.processes.count)
    seen.megabytes = cluster.megabytes
    if let event { for number in 0..<setting.events { seen.events.append(event(number) ?? .infinity) } }
    for number in 0..<setting.losses {
        seen.losses.append(cluster.lose(1 + number % (cluster.processes.count - 1)) ?? .infinity)
    }
    return seen
}

/// A fifth of all packets lost, of UDP and TCP, with everybody up: whoever is called dead is so wrongly.
private func lose(_ size: Int, _ directory: String, _ setting: RealMeshSetting) -> [Figure] {
    guard setting.lossSeconds > 0 else { return [] }
    if let hindrance = LossyLoopback.hindrance {
        say("no phase of loss: \(hindrance)")
        return []
    }
    let cluster = CairnCluster(size: size, directory: directory)
    defer { cluster.stop() }
    guard cluster.start() != nil else {
        say("no phase of loss: not all nodes found one another")
        return []
    }
    sleep(15)
    let before = cluster.logLengths
    guard let loopback = LossyLoopback(output: "\(directory)/nft") else {
        say("no phase of loss: nft did not take the rule")
        return []
    }
    sleep(setting.lossSeconds)
    let name = "n=\(size) 20 % lost, \(setting.lossSeconds) s"
    func figure(_ what: String, _ value: Double, _ unit: String, _ limit: Double, _ better: Figure.Better = .lower)
        -> Figure
    {
        Figure(
            bench: "mesh", name: "\(name), \(what)", value: value, unit: unit, limit: limit, limitName: "bar",
            ratio: limit == 0 ? value : value / limit, better: better, target: limit == 0 ? 0 : 1)
    }
    // Thirty among fifty in ten minutes.
    let suspicions = 30 * Double(size) / 50 * Double(setting.lossSeconds) / 600
    return [
        figure("dropped", loopback.dropped, "packets", 1, .higher),
        figure("wrongly dead", cluster.marks("dead", since: before), "marks", 0),
        figure("wrongly suspect", cluster.marks("suspect", since: before), "marks", suspicions),
    ]
}

func say(_ sentence: String) {
    let line = Array("cairn-bench: \(sentence)\n".utf8)
    write(STDERR_FILENO, line, line.count)
}

/// Transactions in a testnet of as many nodes, from the first pool that has one to the last: they travel by topic.
private func transactions(_ size: Int, _ setting: RealMeshSetting) -> [Double] {
    guard let testnet = BenchTestnet(nodes: size, pace: 4_000) else { return [] }
    defer { testnet.remove() }
    sleep(5)
    return (0..<setting.events).map { testnet.transactionSpread(from: $0 % size) ?? .infinity }
}

extension BenchTestnet {
    fileprivate func transactionSpread(from index: Int) -> Double? {
        func pool(_ index: Int) -> Int { NodeNumbers(at: sockets[index])?.pool ?? 0 }
        func height() -> Int { NodeNumbers(at: sockets[index])?.height ?? 0 }
        // Right after a block there is time before the next takes it away again.
        let now = height()
        guard wait(.seconds(20), { height() > now && sockets.indices.allSatisfy { pool($0) == 0 } }) != nil else {
            return nil
        }
        let order = send(from: index)
        defer { order?.join() }
        var left = Array(sockets.indices)
        guard wait(.seconds(3), { pool(index) > 0 }) != nil else { return nil }
        left.removeAll { $0 == index }
        return waitForAll(left, .seconds(3)) { pool($0) > 0 }
    }
}

private func figures(
    _ size: Int, _ setting: RealMeshSetting, _ ours: Seen, _ theirs: Seen, _ events: [Double]
) -> [Figure] {
    func beside(_ what: String, _ our: Double, _ unit: String, _ their: Double, times target: Double) -> Figure {
        Figure(
            bench: "mesh", name: "n=\(size) \(what)", value: our, unit: unit, limit: their, limitName: "serf",
            // Against one that failed nothing is won: no ratio is a miss.
            ratio: their.isFinite ? our / their : .nan, better: .lower, target: target)
    }
    func bar(_ what: String, _ value: Double, _ unit: String, _ limit: Double) -> Figure {
        Figure(
            bench: "mesh", name: "n=\(size) \(what)", value: value, unit: unit, limit: limit, limitName: "bar",
            ratio: value / limit, better: .lower, target: 1)
    }
    func median(_ values: [Double]) -> Double { values.isEmpty ? .infinity : Measurement.percentile(50, values) }
    func most(_ values: [Double]) -> Double { values.max() ?? .infinity }
    return [
        bar("all agree, worst of \(ours.starts.count)", most(ours.starts), "s", 3),
        beside("all agree, median", median(ours.starts), "s", median(theirs.starts), times: 1),
        bar("all miss a killed one", median(ours.losses), "s", 4),
        beside("all miss a killed one", median(ours.losses), "s", median(theirs.losses), times: 0.5),
        bar("event to all, median of \(events.count)", median(events) * 1_000, "ms", 60),
        beside("event to all, median", median(events) * 1_000, "ms", median(theirs.events) * 1_000, times: 1),
        bar("idle, bytes of one", ours.idleBytes, "B/s", 600),
        beside("idle, bytes of one", ours.idleBytes, "B/s", theirs.idleBytes, times: 1),
        bar("memory of the worst", ours.megabytes, "MiB", 25),
        beside("memory of the worst", ours.megabytes, "MiB", theirs.megabytes, times: 1),
    ]
}
