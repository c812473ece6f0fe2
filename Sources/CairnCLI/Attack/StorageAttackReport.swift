import CairnAttacks
import CairnBase
import CairnStorage
import CairnWire

/// What cheats got, for people and for scripts.
struct StorageAttackReport {
    typealias Row = (trial: StorageTrial, tally: StorageTally)

    let attack: StorageAttack
    let rows: [Row]
    let ways: [(LabelSkipping, costPPM: UInt64)]

    var holds: Bool { rows.allSatisfy { $0.trial.holds($0.tally) } }

    func text(_ style: Style) -> String {
        let terms = attack.profile.terms
        var cheats = TextTable(
            ["CHEAT", "ROUNDS", "PAID", "FAILED", "VOID", "WORK", "PROMISED", ""], right: [1, 2, 3, 4, 5])
        for (trial, tally) in rows {
            let promise = trial.bounds.map(\.words).joined(separator: ", ")
            cheats.add([
                trial.name, "\(tally.rounds)", percent(tally.paidPPM), permille(tally.failed, of: tally.rounds),
                permille(tally.void, of: tally.rounds), tally.workPerRound.seconds,
                promise.isEmpty ? "nothing" : promise, promise.isEmpty ? "" : trial.holds(tally) ? "ok" : "FAIL",
            ])
        }
        var masks = TextTable(["LABELS KEPT", "OF PASSES", "KEPT", "SAVED", "A LEAF COSTS"], right: [1, 2, 3, 4])
        for (way, cost) in ways {
            masks.add([
                "1 in \(way.every)", "last \(way.last)", percent(way.keptPPM), percent(1_000_000 - way.keptPPM),
                percent(cost),
            ])
        }
        return "\(attack.profile.rawValue): \(terms.steps) steps in \(terms.deadline.precise), \(terms.passes) passes; "
            + "seeds \(attack.seeds.lowerBound)–\(attack.seeds.upperBound - 1), cheats \(attack.speed)× as fast\n\n"
            + cheats.text(style) + "\n" + masks.text(style)
    }

    var fields: [JSON.Member] {
        [
            .init("profile", .string(attack.profile.rawValue)), .init("first_seed", JSON(attack.seeds.lowerBound)),
            .init("seeds", JSON(UInt64(attack.seeds.count))), .init("speed", JSON(attack.speed)),
            .init("holds", .bool(holds)),
            .init(
                "cheats",
                .array(
                    rows.map { trial, tally in
                        [
                            "name": .string(trial.name), "rounds": JSON(tally.rounds), "passed": JSON(tally.passed),
                            "failed": JSON(tally.failed), "void": JSON(tally.void), "paid_ppm": JSON(tally.paidPPM),
                            "work_ms_per_round": JSON(tally.workPerRound.milliseconds),
                            "promised": .array(trial.bounds.map(\.json)), "holds": .bool(trial.holds(tally)),
                        ]
                    })),
            .init(
                "masks",
                .array(
                    ways.map { way, cost in
                        [
                            "every": JSON(way.every), "last_passes": JSON(way.last), "kept_ppm": JSON(way.keptPPM),
                            "leaf_costs_ppm": JSON(cost),
                        ]
                    })),
        ]
    }
}

extension StorageTrial.Bound {
    fileprivate var words: String {
        switch self {
        case .paid(let least): "paid ≥ \(percent(least))"
        case .unpaid(let least): "unpaid ≥ \(percent(least))"
        case .income(let most): "income ≤ \(percent(most))"
        case .work(let least): "work ≥ \(least.seconds) a paid round"
        }
    }

    fileprivate var json: JSON {
        switch self {
        case .paid(let least): ["paid_at_least_ppm": JSON(least)]
        case .unpaid(let least): ["unpaid_at_least_ppm": JSON(least)]
        case .income(let most): ["income_at_most_ppm": JSON(most)]
        case .work(let least): ["work_ms_per_paid_round_at_least": JSON(least.milliseconds)]
        }
    }
}

private func percent(_ ppm: UInt64) -> String { permille(ppm, of: .millionPPM) }
