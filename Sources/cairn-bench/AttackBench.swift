import CairnSimulator

/// What each attack on coverage earns, in simulated towns over the cores that nodes run: means over twenty seeds and fifty
/// epochs, beside the bound.
func attackBench() -> [Figure] {
    AttackTrial.all.map { trial in
        do {
            let value = try trial.mean(seeds: 1...20, epochs: 50)
            return Figure(
                bench: "attacks", name: trial.name, value: value, unit: trial.measure.rawValue, limit: trial.bound,
                limitName: "bound", ratio: value, better: trial.measure == .income ? .lower : .higher,
                target: trial.bound)
        } catch {
            fatalError("the attack \"\(trial.name)\" could not run: \(error)")
        }
    }
}
