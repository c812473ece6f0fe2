import CairnBase
import CairnSimulator

/// What hostile peers can do to a mesh, in simulation over the cores that nodes run: the worst of the seeds, beside the bar.
func hostileMeshBench(seeds: ClosedRange<UInt64>) -> [Figure] {
    [10, 20].flatMap { surrounded(20, by: $0, seeds) } + LyingMesh.lies.flatMap { lied($0, seeds) }
}

/// A newcomer among machines that speak under ten names each.
private func surrounded(_ honest: Int, by machines: Int, _ seeds: ClosedRange<UInt64>) -> [Figure] {
    let outcomes = seeds.map { seed in
        var setting = EclipseTrial.Setting(honest: honest, machines: machines)
        setting.seed = seed
        var trial = EclipseTrial(setting)
        return trial.run()
    }
    let name = "\(machines) of \(honest + machines) machines hostile"
    func peers(_ what: String, _ values: [Int]) -> Figure {
        let worst = Double(values.min() ?? 0)
        return Figure(
            bench: "hostile", name: "\(name): \(what)", value: worst, unit: "peers", limit: 3, limitName: "bar",
            ratio: worst / 3, better: .higher, target: 1)
    }
    let slowest = outcomes.map { $0.threeAfter.map { Double($0.nanoseconds) / 1e9 } ?? .infinity }.max() ?? .infinity
    return [
        peers("honest peers a newcomer dialled", outcomes.map(\.honestDialled)),
        peers("honest peers of a newcomer", outcomes.map(\.honestPeers)),
        peers("honest peers of any other", outcomes.map(\.fewestHonest)),
        Figure(
            bench: "hostile", name: "\(name): three honest peers after", value: slowest, unit: "s", limit: 60,
            limitName: "bar", ratio: slowest / 60, better: .lower, target: 1),
    ]
}

/// Thirty peers of which ten lie.
private func lied(_ lie: String, _ seeds: ClosedRange<UInt64>) -> [Figure] {
    let outcomes = seeds.compactMap { seed in
        var mesh = LyingMesh(lie, nodes: 30, liars: 10, seed: seed)
        return mesh?.run(for: .seconds(60))
    }
    func share(_ what: String, _ values: [Double], bar: Double, _ better: Figure.Better) -> Figure {
        let worst = (better == .higher ? values.min() : values.max()) ?? .nan
        return Figure(
            bench: "hostile", name: "\(lie): \(what)", value: worst, unit: "of all", limit: bar, limitName: "bar",
            ratio: worst / bar, better: better, target: 1)
    }
    let held = Double(outcomes.map(\.held).max() ?? 0)
    let bound = Double(Limits().gossip.wants)
    var figures = [
        share("delivered", outcomes.map { Double($0.delivered) / Double($0.expected) }, bar: 0.99, .higher),
        share(
            "honest peers not blamed",
            outcomes.map { 1 - Double($0.blamedHonest) / Double(max($0.watchedHonest, 1)) }, bar: 1, .higher),
        Figure(
            bench: "hostile", name: "\(lie): most held by one", value: held, unit: "things", limit: bound,
            limitName: "what may be asked for", ratio: held / bound, better: .lower, target: 1),
    ]
    figures.append(
        share(
            "honest peers not banned",
            outcomes.map { 1 - Double($0.bannedHonest) / Double(max($0.watchedHonest, 1)) }, bar: 1, .higher))
    if LyingMesh.isProven(lie) {
        figures.append(
            share(
                "liars banned", outcomes.map { Double($0.bannedLiars) / Double(max($0.watchedLiars, 1)) }, bar: 0.5,
                .higher))
    }
    if LyingMesh.isPunished(lie) {
        figures.append(
            share(
                "liars held for offenders",
                outcomes.map { Double($0.blamedLiars) / Double(max($0.watchedLiars, 1)) }, bar: 0.75, .higher))
    }
    return figures
}
