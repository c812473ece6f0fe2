import CairnSimulator

/// `mutations`: lifts each rule of consensus alone and asks who notices.
struct Mutations {
    static let usage = """
        usage: scripts/simulate mutations [--rule NAME] [--seeds N] [--quick] [--json]

          Lifts each rule of consensus alone, and tries the search, the ordeals, twins and simulation until one of them
          sees harm: all of them briefly first, and then at length. With every rule in force none of them may. Fails when
          a rule is not missed.

          --rule NAME     only this rule
          --seeds N       seeds of simulation to try, when nothing else has noticed (default 400)
          --quick         leave out the second, long round; a rule that needs it is passed over
        """

    private var names = MutationGate.rules
    private var seeds = 400
    private var isQuick = false
    private var isJSON = false

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        var arguments = StudyArguments(words)
        while let word = arguments.next() {
            switch word {
            case "--rule": names = [try arguments.rule(word)]
            case "--seeds": seeds = try arguments.number(word, in: 1...1_000_000)
            case "--quick": isQuick = true
            case "--json": isJSON = true
            default: throw arguments.unknown(word)
            }
        }
    }

    func run() -> Int32 {
        let watch = Stopwatch()
        let alarms = control()
        var missed = 0
        for name in names {
            let lap = Stopwatch()
            let found = attempt(without: name)
            if found != nil { missed += 1 }
            report(name, found, lap, absent: isQuick ? "not in the short round" : "nothing found")
        }
        let survivors = names.count - missed
        print(
            isJSON
                ? "{\"study\":\"mutations\",\"rules\":\(names.count),\"missed\":\(missed),\"survivors\":\(survivors),"
                    + "\"false_alarms\":\(alarms),\"wall_s\":\(watch.seconds)}"
                : "mutations: \(missed) of \(names.count) lifted rules were missed, \(alarms) false alarms, "
                    + "in \(watch.seconds) s")
        return alarms == 0 && (isQuick || survivors == 0) ? 0 : 1
    }

    private func attempt(without name: String) -> MutationGate.Catch? {
        for effort in efforts {
            for means in MutationGate.Means.allCases {
                if let found = MutationGate.attempt(means, without: name, effort) { return found }
            }
        }
        return nil
    }

    private var efforts: [MutationGate.Effort] { isQuick ? [.short] : [.short, .long(seeds: UInt64(seeds))] }

    /// With every rule in force nothing may be found, or the gate proves nothing.
    private func control() -> Int {
        var alarms = 0
        for means in MutationGate.Means.allCases {
            let lap = Stopwatch()
            let found = MutationGate.attempt(means, without: "", efforts.last ?? .short)
            if found != nil { alarms += 1 }
            report("(all in force) \(means.rawValue)", found, lap, absent: "nothing found")
        }
        return alarms
    }

    private func report(_ name: String, _ found: MutationGate.Catch?, _ lap: Stopwatch, absent: String) {
        if isJSON {
            print(
                "{\"rule\":\"\(name)\",\"caught_by\":\(found.map { "\"\($0.means.rawValue)\"" } ?? "null"),"
                    + "\"wall_s\":\(lap.seconds)}")
        } else {
            let verdict = found.map { "\($0.means.rawValue): \($0.what)" } ?? absent
            let place = name + String(repeating: " ", count: max(1, 40 - name.count))
            print("\(place)\(lap.seconds) s  \(verdict)")
        }
    }
}
