import CairnSimulator

/// `mutations`: lifts each rule of consensus alone and asks who notices.
struct Mutations {
    static let usage = """
        usage: scripts/simulate mutations [--rule NAME] [--seeds N] [--json]

          Lifts each rule of consensus alone, and tries the search, the ordeals, twins and simulation until one of them
          sees harm. With every rule in force none of them may. Fails when a rule is not missed.

          --rule NAME     only this rule
          --seeds N       seeds of simulation to try, when nothing else has noticed (default 400)
        """

    private var names = MutationGate.rules
    private var seeds = 400
    private var isJSON = false
    private let isWhole: Bool

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        var arguments = StudyArguments(words)
        var isWhole = true
        while let word = arguments.next() {
            switch word {
            case "--rule":
                names = [try arguments.rule(word)]
                isWhole = false
            case "--seeds": seeds = try arguments.number(word, in: 1...1_000_000)
            case "--json": isJSON = true
            default: throw arguments.unknown(word)
            }
        }
        self.isWhole = isWhole
    }

    func run() -> Int32 {
        let watch = Stopwatch()
        var survivors = 0
        if isWhole { survivors += control() }
        for name in names {
            let lap = Stopwatch()
            var found: MutationGate.Catch?
            for means in MutationGate.Means.allCases where found == nil {
                found = MutationGate.attempt(means, without: name, seeds: UInt64(seeds))
            }
            if found == nil { survivors += 1 }
            report(name, found, lap)
        }
        let caught = names.count - min(survivors, names.count)
        print(
            isJSON
                ? "{\"study\":\"mutations\",\"rules\":\(names.count),\"survivors\":\(survivors),\"wall_s\":\(watch.seconds)}"
                : "mutations: \(caught) of \(names.count) lifted rules were missed, in \(watch.seconds) s")
        return survivors == 0 ? 0 : 1
    }

    /// With every rule in force nothing may be found, or the gate proves nothing.
    private func control() -> Int {
        var alarms = 0
        for means in MutationGate.Means.allCases where means != .simulation {
            let lap = Stopwatch()
            let found = MutationGate.attempt(means, without: "", seeds: 1)
            if found != nil { alarms += 1 }
            report("(all in force) \(means.rawValue)", found, lap)
        }
        return alarms
    }

    private func report(_ name: String, _ found: MutationGate.Catch?, _ lap: Stopwatch) {
        if isJSON {
            print(
                "{\"rule\":\"\(name)\",\"caught_by\":\(found.map { "\"\($0.means.rawValue)\"" } ?? "null"),"
                    + "\"wall_s\":\(lap.seconds)}")
        } else {
            let verdict = found.map { "\($0.means.rawValue): \($0.what)" } ?? "nothing found"
            let place = name + String(repeating: " ", count: max(1, 40 - name.count))
            print("\(place)\(lap.seconds) s  \(verdict)")
        }
    }
}
