import CairnSimulator

/// `explore`: every reachable state of four servers in their first views.
struct Explore {
    static let usage = """
        usage: scripts/simulate explore [--views N] [--variants N] [--crashes] [--bug RULE] [--limit STATES] [--json]

          Searches every state that four servers of equal weight, one of them Byzantine, can reach in their first views
          over a network that loses, delays and reorders at will, for every order of leaders.

          --views N       how many views (default 3)
          --variants N    versions of a Byzantine block on each parent (default 2)
          --crashes       servers may also be killed and start again from their disks, between any two inputs
          --bug RULE      lift a rule, to see the shortest way to harm
          --limit N       give up a schedule of leaders after so many states
        """

    private var views = 3
    private var variants = 2
    private var crashes = false
    private var bug: String?
    private var limit = Int.max
    private var isJSON = false

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        var arguments = StudyArguments(words)
        while let word = arguments.next() {
            switch word {
            case "--views": views = try arguments.number(word, in: 1...4)
            case "--variants": variants = try arguments.number(word, in: 1...3)
            case "--limit": limit = try arguments.number(word, in: 1...1_000_000_000)
            case "--bug": bug = try arguments.rule(word)
            case "--crashes": crashes = true
            case "--json": isJSON = true
            default: throw arguments.unknown(word)
            }
        }
    }

    /// Exit code 0 when nothing was violated, 1 otherwise.
    func run() -> Int32 {
        let watch = Stopwatch()
        var states = 0
        var transitions = 0
        var cores = 0
        var isComplete = true
        var violation: Exploration.Result?
        Exploration.all(views: views, variants: variants, crashes: crashes, liftedRule: bug, limit: limit) { result in
            states += result.states
            transitions += result.transitions
            cores += result.localStates
            isComplete = isComplete && result.isComplete
            if !isJSON {
                print(
                    "leaders \(result.schedule): \(result.states) states, \(result.transitions) steps, "
                        + "\(result.localStates) states of single cores, \(result.blocks) blocks"
                        + (result.isComplete ? "" : ", cut short"))
            }
            violation = result.violation == nil ? nil : result
            return violation == nil
        }
        if let violation, let rule = violation.violation {
            print("FAIL leaders \(violation.schedule): \(rule)")
            for line in violation.trace { print("  \(line)") }
        }
        if isJSON {
            print(
                "{\"study\":\"explore\",\"views\":\(views),\"states\":\(states),\"steps\":\(transitions),"
                    + "\"core_states\":\(cores),\"complete\":\(isComplete),\"violations\":\(violation == nil ? 0 : 1),"
                    + "\"wall_s\":\(watch.seconds)}")
        } else {
            print(
                "explore: \(states) distinct states, \(transitions) steps, \(cores) states of single cores, "
                    + "\(isComplete ? "complete" : "cut short"), \(violation == nil ? 0 : 1) violations "
                    + "in \(watch.seconds) s")
        }
        return violation == nil ? 0 : 1
    }
}
