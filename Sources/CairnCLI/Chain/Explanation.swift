import CairnBase
import CairnLedger
import CairnWire

/// One reward, computed again from the numbers that the chain keeps of it.
struct Explanation {
    private let payout: Payout
    private let result: EpochResult
    private var reward: Reward { payout.reward }

    init(_ payout: Payout, _ result: EpochResult) {
        self.payout = payout
        self.result = result
    }

    private func weight(of units: UInt64) -> UInt64 {
        let trusted = UInt128(units) * UInt128(reward.trust)
        return UInt64(clamping: trusted * UInt128(reward.quality) * UInt128(reward.streak) / 1_000_000_000_000_000_000)
    }

    /// What is left for those who are no islands.
    private var pool: Amount { result.pool.reduced(by: result.islandPool) }
    private var byWeight: Amount { pool.share(of: reward.weight, in: result.weight) }
    private var byIslandWeight: Amount { result.islandPool.share(of: reward.islandWeight, in: result.islandWeight) }

    /// Whether the payment is what follows from its factors.
    var holds: Bool {
        weight(of: reward.units) == reward.weight && weight(of: reward.islandUnits) == reward.islandWeight
            && byWeight.adding(byIslandWeight) == reward.bootstrap
    }

    var facts: Facts {
        var facts = Facts()
        facts.add("resource", payout.id.description)
        facts.add("service", reward.profile.name)
        facts.add("epoch", payout.epoch.number)
        facts.add("verdicts", reward.verdicts)
        facts.add("units", reward.units)
        facts.add("island_units", reward.islandUnits)
        facts.add("trust", reward.trust)
        facts.add("quality", reward.quality)
        facts.add("streak", reward.streak)
        facts.add("weight", JSON(reward.weight), "\(reward.weight) of \(result.weight)")
        facts.add("all_weights", JSON(result.weight))
        facts.add("island_weight", JSON(reward.islandWeight), "\(reward.islandWeight) of \(result.islandWeight)")
        facts.add("all_island_weights", JSON(result.islandWeight))
        facts.add("pool", pool)
        facts.add("island_pool", result.islandPool)
        facts.add("for_proofs", reward.bootstrap)
        facts.add("of_that_held", reward.held)
        facts.add("as_witness", reward.witnessing)
        facts.add("for_usage", reward.usage)
        facts.add("from_owners", reward.paid)
        facts.add("total", reward.total)
        let reasons = reward.reasons.list.map { "\($0)" }
        facts.add(
            "reasons", .array(reasons.map { .string($0) }), reasons.isEmpty ? nil : reasons.joined(separator: " "))
        facts.add("holds", .bool(holds))
        return facts
    }

    /// The arithmetic in words.
    var sentences: String {
        var lines = [
            "weight     \(reward.units) x \(reward.trust) x \(reward.quality) x \(reward.streak) / 10^18"
                + " = \(weight(of: reward.units))",
            "for proofs \(pool) x \(reward.weight) / \(result.weight) = \(byWeight)",
        ]
        if reward.islandWeight > 0 {
            lines.append(
                "as island  \(result.islandPool) x \(reward.islandWeight) / \(result.islandWeight) = \(byIslandWeight)")
        }
        if reward.held > .zero {
            lines.append("held       until the resource's bond is full; cairn resource show tells how much")
        }
        if !holds { lines.append("That is not what was paid: the record of it is wrong.") }
        return lines.map { $0 + "\n" }.joined()
    }
}
