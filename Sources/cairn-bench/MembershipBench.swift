import CairnBase
import CairnSimulator

/// Membership in simulated networks beside the bar that was set after measuring serf: links of 10 to 50 ms each way, where
/// serf had none.
let membershipBenches: [@Sendable () -> [Figure]] = [
    beginnings, lossy, slow,
]

func bar(
    _ name: String, _ value: Double, _ unit: String, _ limit: Double, _ better: Figure.Better = .lower
) -> Figure {
    // Where nothing at all is allowed there is nothing to divide by.
    Figure(
        bench: "mesh", name: name, value: value, unit: unit, limit: limit, limitName: "bar",
        ratio: limit == 0 ? value : value / limit, better: better, target: limit == 0 ? 0 : 1)
}

func seconds(_ span: TimeSpan?) -> Double { span.map { Double($0.nanoseconds) / 1e9 } ?? .infinity }

func middle(_ values: [Double]) -> Double { Measurement.percentile(50, values) }

/// Fifty networks of fifty: until all know all, at rest, and until all miss one.
private func beginnings() -> [Figure] {
    var (starts, losses, loads): ([Double], [Double], [Double]) = ([], [], [])
    for seed in UInt64(1)...50 {
        var setting = QuietMembership.Setting(nodes: 50)
        setting.seed = seed
        var mesh = QuietMembership(setting)
        starts.append(seconds(mesh.run(for: .seconds(120)) { $0.allAgree }))
        mesh.run(for: .seconds(30))
        mesh.forgetCounts()
        mesh.run(for: .seconds(60))
        loads.append(Double(mesh.counts.bytes) / 60 / 50)
        let lost = Int(2 + seed % 48)
        mesh.kill(lost)
        losses.append(seconds(mesh.run(for: .seconds(60)) { $0.holders(of: lost) == 0 }))
    }
    return [
        bar("n=50 start, all know all, median", middle(starts), "s", 0.8),
        bar("n=50 start, all know all, worst of 50", starts.max() ?? .infinity, "s", 3),
        bar("n=50 one gone, all miss it, median", middle(losses), "s", 4),
        bar("n=50 one gone, all miss it, worst of 50", losses.max() ?? .infinity, "s", 6),
        bar("n=50 at rest, sealed, each sends", middle(loads), "B/s", 600),
    ]
}

/// A fifth of all datagrams lost, for ten minutes. There is no other way to ask than by datagram.
private func lossy() -> [Figure] {
    var setting = QuietMembership.Setting(nodes: 50)
    setting.lost = 200
    var mesh = QuietMembership(setting)
    mesh.run(for: .seconds(60))
    mesh.forgetCounts()
    mesh.run(for: .seconds(600))
    return [
        bar("n=50 20 % lost, 600 s, wrongly dead", Double(mesh.counts.falseDeaths), "marks", 0),
        bar("n=50 20 % lost, 600 s, suspicions", Double(mesh.suspicions), "marks", 30),
    ]
}

/// Four of thirty-two stand still for eight of every sixteen seconds.
private func slow() -> [Figure] {
    var setting = QuietMembership.Setting(nodes: 32)
    setting.slow = 4
    var mesh = QuietMembership(setting)
    mesh.run(for: .seconds(60))
    mesh.forgetCounts()
    mesh.run(for: .seconds(189))
    return [
        bar("n=32 4 slow, 189 s, others wrongly dead", Double(mesh.counts.falseDeaths), "marks", 0),
        bar("n=32 4 slow, 189 s, the slow dead", Double(mesh.counts.slowDeaths), "marks", 150),
    ]
}

/// What the whole process holds while the network stands, for each of its nodes.
func memory(_ name: String, _ nodes: Int) -> Figure {
    let each = residentMegabytes(of: "self") * 1_024 / Double(nodes)
    return Figure(
        bench: "mesh", name: "\(name) memory a node", value: each, unit: "KiB", limit: 64, limitName: "bar",
        ratio: each / 64, better: .lower, target: nodes >= 10_000 ? 1 : 8)
}
