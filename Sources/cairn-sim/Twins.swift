import CairnBase
import CairnSimulator

/// `twins`: every Byzantine server twice, every cut of the network, every leader.
struct Twins {
    static let usage = """
        usage: scripts/simulate twins [--nodes N] [--rounds N] [--limit RUNS] [--all] [--bug RULE] [--json]

          Every Byzantine server is two nodes under one key; in each of the first rounds the network is cut in two, in
          every way; leaders are honest or not, in every order. Then the network is whole, and the chain must go on.

          --nodes N       one size instead of 4, 5, 7 and 10
          --rounds N      attacked rounds (default 3)
          --limit N       scenarios to run of each size, spread evenly over all (default 2000)
          --all           run every scenario
          --bug RULE      lift a rule, to see it missed
        """

    private var sizes = [4, 5, 7, 10]
    private var rounds = 3
    private var limit = 2_000
    private var bug: String?
    private var isJSON = false

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        var arguments = StudyArguments(words)
        while let word = arguments.next() {
            switch word {
            case "--nodes": sizes = [try arguments.number(word, in: 4...13)]
            case "--rounds": rounds = try arguments.number(word, in: 1...4)
            case "--limit": limit = try arguments.number(word, in: 1...1_000_000_000)
            case "--all": limit = .max
            case "--bug": bug = try arguments.rule(word)
            case "--json": isJSON = true
            default: throw arguments.unknown(word)
            }
        }
    }

    func run() -> Int32 {
        var failures = 0
        for servers in sizes {
            let watch = Stopwatch()
            var study = TwinsStudy(servers: servers, rounds: rounds, liftedRule: bug)
            let outcome = study.run(limit: limit)
            if let failure = outcome.failure {
                failures += 1
                print("FAIL twins n=\(servers): \(failure)")
            }
            print(isJSON ? json(outcome, watch) : text(outcome, watch))
        }
        return failures == 0 ? 0 : 1
    }

    private func text(_ outcome: TwinsStudy.Outcome, _ watch: Stopwatch) -> String {
        "twins n=\(outcome.servers), \(outcome.byzantine) of them twice, \(rounds) rounds: \(outcome.scenarios) scenarios, "
            + "\(outcome.runs) run, \(outcome.failure == nil ? 0 : 1) violations, "
            + "slowest recovery \(outcome.slowest.milliseconds) ms, in \(watch.seconds) s"
    }

    private func json(_ outcome: TwinsStudy.Outcome, _ watch: Stopwatch) -> String {
        "{\"study\":\"twins\",\"nodes\":\(outcome.servers),\"byzantine\":\(outcome.byzantine),\"rounds\":\(rounds),"
            + "\"scenarios\":\(outcome.scenarios),\"runs\":\(outcome.runs),"
            + "\"violations\":\(outcome.failure == nil ? 0 : 1),\"slowest_ms\":\(outcome.slowest.milliseconds),"
            + "\"wall_s\":\(watch.seconds)}"
    }
}
