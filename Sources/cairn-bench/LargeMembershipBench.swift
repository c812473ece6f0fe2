import CairnBase
import CairnSimulator

/// Membership where nobody knows everybody: one network, from its start through rest, deaths, loss and members that stand
/// still, beside the bars that were set for fifty.
///
/// Above 512 members a node probes its 24 neighbours and keeps a sample of the rest, which it does not probe. Who is gone is
/// missed when no node holds it as a neighbour any more; how many still keep it in their sample is told beside that.
let largeMembershipBenches: [@Sendable () -> [Figure]] = [{ large(1_000, watched: .seconds(300)) }]

private func large(_ nodes: Int, watched span: TimeSpan) -> [Figure] {
    var setting = QuietMembership.Setting(nodes: nodes)
    // A hundred in a second: all at once there is no network of this size.
    setting.startTime = .milliseconds(10) * UInt64(nodes)
    var mesh = QuietMembership(setting)
    mesh.run(for: setting.startTime + .seconds(60))
    let (name, seconds) = ("n=\(nodes)", span.nanoseconds / 1_000_000_000)
    mesh.forgetCounts()
    mesh.run(for: span)
    var figures = [
        bar(
            "\(name) at rest, sealed, each sends", Double(mesh.counts.bytes) / Double(seconds) / Double(nodes), "B/s",
            600),
        bar("\(name) at rest, \(seconds) s, wrongly dead", Double(mesh.counts.falseDeaths), "marks", 0),
    ]
    figures += losses(name, nodes, &mesh)
    mesh.setting.lost = 200
    mesh.run(for: .seconds(20))
    mesh.forgetCounts()
    mesh.run(for: span)
    figures += [
        bar("\(name) 20 % lost, \(seconds) s, wrongly dead", Double(mesh.counts.falseDeaths), "marks", 0),
        // Thirty for fifty nodes in ten minutes.
        bar(
            "\(name) 20 % lost, \(seconds) s, suspicions", Double(mesh.suspicions), "marks",
            30 * Double(nodes) / 50 * Double(seconds) / 600),
    ]
    (mesh.setting.lost, mesh.setting.slow) = (0, nodes / 8)
    mesh.run(for: .seconds(60))
    mesh.forgetCounts()
    mesh.run(for: span)
    return figures + [
        bar(
            "\(name) \(nodes / 8) slow, \(seconds) s, others wrongly dead", Double(mesh.counts.falseDeaths), "marks", 0),
        // A hundred and fifty for four slow among thirty-two in 189 s.
        bar(
            "\(name) \(nodes / 8) slow, \(seconds) s, the slow dead", Double(mesh.counts.slowDeaths), "marks",
            150 / 4 * Double(nodes / 8) * Double(seconds) / 189),
    ]
}

/// Ten killed at once, each followed by itself for a minute.
private func losses(_ name: String, _ nodes: Int, _ mesh: inout QuietMembership) -> [Figure] {
    let killed = (0..<10).map { 2 + $0 * (nodes - 2) / 10 }
    var watchers = killed.map { mesh.watchers(of: $0) }
    let held = killed.reduce(0) { $0 + mesh.holders(of: $1) }
    for index in killed { mesh.kill(index) }
    var (first, last) = ([Double](), [Double]())
    let step = TimeSpan.milliseconds(100)
    for tick in 1...600 as ClosedRange<UInt64> {
        mesh.run(for: step)
        let time = seconds(step * tick)
        for (place, index) in killed.enumerated() where !watchers[place].isEmpty {
            let left = watchers[place].filter { mesh.holds($0, index) }
            first += Array(repeating: time, count: watchers[place].count - left.count)
            if left.isEmpty { last.append(time) }
            watchers[place] = left
        }
    }
    let open = watchers.reduce(0) { $0 + $1.count }
    first += Array(repeating: .infinity, count: open)
    last += Array(repeating: .infinity, count: watchers.count { !$0.isEmpty })
    let kept = killed.reduce(0) { $0 + mesh.holders(of: $1) }
    return [
        bar("\(name) ten gone, a neighbour misses one, median", middle(first), "s", 4),
        bar("\(name) ten gone, no neighbour holds one, median", middle(last), "s", 4),
        bar("\(name) ten gone, no neighbour holds one, worst", last.max() ?? .infinity, "s", 6),
        bar("\(name) ten gone, after 60 s still in samples", Double(kept) / Double(max(held, 1)), "of those", 0),
    ]
}
