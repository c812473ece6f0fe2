import CairnSimulator

/// Which attacks are played, and for how long.
struct AttackChoice: Sendable {
    var seeds: UInt64 = 20
    /// The others follow it. Constants of the rules were chosen on seeds from 1 to 8: what they are worth is seen on others.
    var firstSeed: UInt64 = 1
    var epochs: UInt64 = 50
    /// Parts of the names of rows; all rows if there are none.
    var rows: [String] = []

    var played: ClosedRange<UInt64> { firstSeed...firstSeed + seeds - 1 }

    var trials: [AttackTrial] {
        rows.isEmpty ? AttackTrial.all : AttackTrial.all.filter { trial in rows.contains { trial.name.contains($0) } }
    }
}

/// What each attack on coverage earns, in simulated towns over the cores that nodes run: means over the seeds, beside the
/// bound. The bounds are for fifty epochs.
func attackBench(_ choice: AttackChoice) -> [Figure] {
    choice.trials.map { trial in
        do {
            let value = try trial.mean(seeds: choice.played, epochs: choice.epochs)
            return Figure(
                bench: "attacks", name: trial.name, value: value, unit: trial.measure.rawValue, limit: trial.bound,
                limitName: "bound", ratio: value, better: trial.measure == .income ? .lower : .higher,
                target: trial.bound)
        } catch {
            fatalError("the attack \"\(trial.name)\" could not run: \(error)")
        }
    }
}
