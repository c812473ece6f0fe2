import CairnSimulator

/// `crashes`: restarts by the thousand on disks that lose what was not synced.
struct Crashes {
    static let usage = """
        usage: scripts/simulate crashes [--restarts N] [--seed N] [--json]

          Honest nodes are killed and lose power between any two effects, every few seconds each, while a third of the
          stake less one unit lies and everything else goes wrong as well. Counts what was called final and lost, and what
          was signed and contradicted.

          --restarts N    restarts of honest nodes to survive (default 10000)
          --seed N        the first seed (default 1)
        """

    private let told: CountedArguments

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        told = try CountedArguments(words, "--restarts", in: 1...100_000_000, unlessTold: 10_000)
    }

    func run() -> Int32 {
        let watch = Stopwatch()
        let outcome = CrashStudy().run(restarts: UInt64(told.count), seed: told.seed)
        if let (seed, violation) = outcome.violation {
            print("FAIL crashes: seed \(seed): \(violation)")
            print("  replay  scripts/simulate crashes --restarts 1 --seed \(seed)")
        }
        print(told.isJSON ? json(outcome, watch) : text(outcome, watch))
        return outcome.violation == nil ? 0 : 1
    }

    private func text(_ outcome: CrashStudy.Outcome, _ watch: Stopwatch) -> String {
        "crashes: \(outcome.restarts) restarts of honest nodes in \(outcome.seeds) seeds (\(outcome.crashes.kills) kills, "
            + "\(outcome.crashes.powerLosses) power losses, \(outcome.crashes.diskErrors) disk errors struck all), "
            + "in \(watch.seconds) s\n"
            + "  \(outcome.acknowledged) blocks called final, \(outcome.lost) lost\n"
            + "  \(outcome.signatures) signatures, \(contradictions(outcome)) in conflict\n"
            + "  first signature after a start: p50 \(outcome.returns.percentile(50) / 1_000_000) ms, "
            + "p99 \(outcome.returns.percentile(99) / 1_000_000) ms, of \(outcome.returns.count) that lived to give one"
    }

    private func json(_ outcome: CrashStudy.Outcome, _ watch: Stopwatch) -> String {
        "{\"study\":\"crashes\",\"seeds\":\(outcome.seeds),\"restarts\":\(outcome.restarts),"
            + "\"kills\":\(outcome.crashes.kills),\"power_losses\":\(outcome.crashes.powerLosses),"
            + "\"disk_errors\":\(outcome.crashes.diskErrors),\"final\":\(outcome.acknowledged),\"lost\":\(outcome.lost),"
            + "\"signatures\":\(outcome.signatures),\"conflicting\":\(contradictions(outcome)),"
            + "\"return_p50_ms\":\(outcome.returns.percentile(50) / 1_000_000),"
            + "\"return_p99_ms\":\(outcome.returns.percentile(99) / 1_000_000),\"wall_s\":\(watch.seconds)}"
    }

    /// The first one ends the study.
    private func contradictions(_ outcome: CrashStudy.Outcome) -> Int {
        outcome.violation.map { $0.violation.rule.hasPrefix("S5") || $0.violation.rule.hasPrefix("S6") } ?? false
            ? 1 : 0
    }
}
