import CairnSimulator

/// `forks`: more than a third lies, and what the honest can prove.
struct Forks {
    static let usage = """
        usage: scripts/simulate forks [--forks N] [--seed N] [--json]

          Liars hold 34 to 64 % of the stake and run every key twice, on both sides of a network that is cut in two, until
          two honest nodes have different final blocks. What honest nodes have archived must then name at least a third
          of the stake, and nobody honest.

          --forks N       forks to make and to explain (default 1000)
          --seed N        the first seed (default 1)
        """

    private let told: CountedArguments

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        told = try CountedArguments(words, "--forks", in: 1...1_000_000, unlessTold: 1_000)
    }

    func run() -> Int32 {
        let watch = Stopwatch()
        let outcome = ForkStudy().run(forks: told.count, seed: told.seed)
        if let failure = outcome.failure { print("FAIL forks: \(failure)") }
        let least = Stopwatch.text(outcome.leastNamed * 100)
        print(
            told.isJSON
                ? "{\"study\":\"forks\",\"runs\":\(outcome.runs),\"forks\":\(outcome.forks),"
                    + "\"least_named_permille\":\(outcome.leastNamed),\"most_held_permille\":\(outcome.mostHeld),"
                    + "\"two_notarizes\":\(outcome.twoNotarizes),\"nullify_and_finalize\":\(outcome.nullifyAndFinalize),"
                    + "\"two_finalizes\":\(outcome.twoFinalizes),\"unexplained\":\(outcome.failure == nil ? 0 : 1),"
                    + "\"wall_s\":\(watch.seconds)}"
                : "forks: \(outcome.forks) forks in \(outcome.runs) runs, \(outcome.failure == nil ? 0 : 1) unexplained; "
                    + "every fork names at least \(least.dropLast(2)) % of the stake and nobody honest "
                    + "(two notarizes in \(outcome.twoNotarizes), nullify and finalize in \(outcome.nullifyAndFinalize), "
                    + "two finalizes in \(outcome.twoFinalizes)), in \(watch.seconds) s")
        return outcome.failure == nil ? 0 : 1
    }
}
