import CairnSimulator

/// Bytes a day for networks of three sizes, beside what the design allows for: 250 bytes on the chain and 1.8 KiB by gossip
/// for each challenge. In these towns nineteen hear each beacon, and all of them may say so.
func coverageCostBench() -> [Figure] {
    [(100, 560), (1_000, 560), (10_000, 60)].flatMap { gateways, blocks -> [Figure] in
        do {
            let cost = try CoverageCost(gateways: gateways, blocks: UInt64(blocks), seed: 1)
            let figure = { (name: String, value: Double, unit: String, limit: Double, of: String) in
                Figure(
                    bench: "coverage-cost", name: "\(gateways) gateways, \(name)", value: value, unit: unit,
                    limit: limit,
                    limitName: of, ratio: value / limit, better: .lower, target: 1)
            }
            let megabytes = 1_000_000.0
            return [
                figure("challenges", cost.challenges, "a day", 72 * 1.25 * Double(gateways), "one an epoch, +25 %"),
                figure(
                    "on chain", cost.onChain / megabytes, "MB a day", 250 * cost.challenges / megabytes,
                    "250 B a challenge"),
                figure(
                    "by gossip", cost.byGossip / megabytes, "MB a day", 1.8 * 1_024 * cost.challenges / megabytes,
                    "1.8 KiB a challenge"),
                figure("messages", cost.messages, "a day", 39 * cost.challenges, "39 a challenge"),
            ]
        } catch {
            fatalError("the network could not be simulated: \(error)")
        }
    }
}
