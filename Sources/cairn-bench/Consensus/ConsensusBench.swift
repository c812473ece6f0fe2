import CairnBase
import CairnSimulator

/// Blocks and finality between ten regions, beside the least they could take on the same links with the same leaders.
///
/// Time is simulated, so the figures do not depend on the machine; work has the price of one core: 35 µs to sign, 85 µs to
/// verify, 200 to 500 µs to make a vote durable. Uplinks are as wide as they need to be.
func consensusBench() -> [Figure] {
    latencyFigures() + historyFigures()
}

/// What it takes to follow a chain with its headers only, and to come after it from its beginning.
private func historyFigures() -> [Figure] {
    guard let signed = try? SignedChain(members: 100, epochs: 100, epochLength: 100, transfers: 10) else { return [] }
    return lightClientFigures(signed) + catchUpFigures(signed)
}

private func latencyFigures() -> [Figure] {
    [(4, 400), (10, 200), (50, 60), (100, 30)].flatMap { servers, views in
        LatencyStudy.Condition.allCases.flatMap { condition in
            figures(servers, condition, LatencyStudy(servers: servers, condition: condition, views: views).run())
        }
    }
}

private func figures(
    _ servers: Int, _ condition: LatencyStudy.Condition, _ outcome: LatencyStudy.Outcome
) -> [Figure] {
    var figures: [Figure] = []
    for (kind, spans) in [("block", outcome.block), ("final", outcome.final)] {
        let statistics: [(String, UInt64, UInt64)] = [
            ("mean", spans.measured.mean, spans.ideal.mean),
            ("p50", spans.measured.percentile(50), spans.ideal.percentile(50)),
            ("p99", spans.measured.percentile(99), spans.ideal.percentile(99)),
        ]
        for (statistic, measured, ideal) in statistics {
            let value = Double(measured) / 1e6
            let limit = Double(ideal) / 1e6
            figures.append(
                Figure(
                    bench: "consensus", name: "n=\(servers) \(condition.rawValue) \(kind) \(statistic)", value: value,
                    unit: "ms", limit: limit, limitName: "ideal on these links",
                    ratio: limit > 0 ? value / limit : .infinity, better: .lower, target: target(kind, condition)))
        }
    }
    return figures
}

private func target(_ kind: String, _ condition: LatencyStudy.Condition) -> Double {
    switch condition {
    case .idle: kind == "block" ? 1.03 : 1.02
    case .lossy: 1.05
    case .dead: 1.15
    }
}
