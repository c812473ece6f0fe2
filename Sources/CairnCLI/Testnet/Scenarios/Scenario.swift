import CairnBase
import CairnWire

/// A file that says what is done to a testnet, and what must be seen then: `Testnet/scenarios`.
///
/// ```toml
/// [scenario]
/// about = "Two halves of a network stand still, and go on together"
/// nodes = 4
///
/// [[step]]
/// do = "fault partition n0,n1/n2,n3"
///
/// [[step]]
/// expect = "height + 5 on all"
/// within = "30s"
/// ```
///
/// A step has one of `do`, `expect` and `wait`.
struct Scenario: Sendable, Equatable {
    let about: String
    let nodes: Int
    let seed: UInt64
    /// With gateways, at the places of this file; beside the scenario's own.
    let town: String?
    let steps: [Step]

    struct Step: Sendable, Equatable {
        let line: Int
        /// As it stands in the file.
        let text: String
        let kind: Kind
        let within: TimeSpan
    }

    enum Kind: Sendable, Equatable {
        case act(ScenarioAction)
        case expect(ScenarioExpectation)
        case wait(TimeSpan)
    }

    private static let preset = TimeSpan.seconds(30)
    private static let stepsMax = 200
    private static let spanMax = TimeSpan.seconds(1_800)

    init(file: String, text: String) throws(Failure) {
        let document: TOML
        do throws(TOMLError) {
            document = try TOML(text)
        } catch {
            throw Failure(.scenarioInvalid, "\(file):\(error.line):\(error.column): \(error.reason)")
        }
        let reader = Reader(file: file)
        guard let head = document["scenario"], let about = try reader.text(head, "about") else {
            throw Failure(.scenarioInvalid, "\(file): [scenario] needs about, a sentence that says what it shows")
        }
        try reader.check(head, knows: ["about", "nodes", "seed", "town"])
        self.about = about
        let count = try reader.number(head, "nodes", in: 1...Int64(TestnetManifest.nodeLimit)) ?? 4
        nodes = Int(count)
        seed = UInt64(try reader.number(head, "seed", in: 0...Int64.max) ?? 42)
        town = try reader.text(head, "town").map { joinPath(parent(of: file), $0) }
        var names = (0..<nodes).map { "n\($0)" }
        var steps: [Step] = []
        for table in document.tables where table.path != ["scenario"] && !(table.path.isEmpty && table.entries.isEmpty)
        {
            guard table.path == ["step"], table.isElement else {
                throw Failure(.scenarioInvalid, "\(file):\(table.line): only [scenario] and [[step]] belong here")
            }
            let step = try reader.step(table, names)
            if case .act(.join(let newcomer, _)) = step.kind { names.append(newcomer) }
            steps.append(step)
        }
        guard (1...Self.stepsMax).contains(steps.count) else {
            throw Failure(.scenarioInvalid, "\(file): a scenario has 1 to \(Self.stepsMax) [[step]]")
        }
        self.steps = steps
    }

    private struct Reader {
        let file: String

        func step(_ table: TOML.Table, _ names: [String]) throws(Failure) -> Step {
            try check(table, knows: ["do", "expect", "wait", "within"])
            let within = try span(table, "within")
            let given = [try text(table, "do"), try text(table, "expect"), try text(table, "wait")]
            guard given.count(where: { $0 != nil }) == 1 else {
                throw Failure(.scenarioInvalid, "\(file):\(table.line): a [[step]] has one of do, expect and wait")
            }
            let place = "\(file):\(table.line)"
            if let words = given[0] {
                return Step(
                    line: table.line, text: "do \(words)", kind: .act(try ScenarioAction(words, names, place)),
                    within: within ?? Scenario.preset)
            }
            if let words = given[1] {
                return Step(
                    line: table.line, text: "expect \(words)",
                    kind: .expect(try ScenarioExpectation(words, names, place)),
                    within: within ?? Scenario.preset)
            }
            let wait = try span(table, "wait") ?? .zero
            return Step(line: table.line, text: "wait \(wait.plain)", kind: .wait(wait), within: wait)
        }

        /// A key nobody reads would make its writer believe that it works.
        func check(_ table: TOML.Table, knows keys: [String]) throws(Failure) {
            for entry in table.entries where !keys.contains(entry.key) {
                let close = nearest(to: entry.key, in: keys).map { [Hint($0, "is the nearest one")] } ?? []
                throw Failure(
                    .scenarioInvalid, "\(file):\(entry.line): there is no \(quoted(entry.key)) here", hints: close)
            }
        }

        func text(_ table: TOML.Table, _ key: String) throws(Failure) -> String? {
            guard let entry = table[key] else { return nil }
            guard case .string(let text) = entry.value, !text.isEmpty else {
                throw Failure(.scenarioInvalid, "\(file):\(entry.line): \(key) is not a text")
            }
            return text
        }

        func number(_ table: TOML.Table, _ key: String, in range: ClosedRange<Int64>) throws(Failure) -> Int64? {
            guard let entry = table[key] else { return nil }
            guard case .integer(let number) = entry.value, range.contains(number) else {
                throw Failure(
                    .scenarioInvalid,
                    "\(file):\(entry.line): \(key) is not a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return number
        }

        func span(_ table: TOML.Table, _ key: String) throws(Failure) -> TimeSpan? {
            guard let written = try text(table, key) else { return nil }
            guard let span = TimeSpan(text: written), span <= Scenario.spanMax else {
                throw Failure(
                    .scenarioInvalid,
                    "\(file):\(table.line): \(key) \(quoted(written)) is not a length of time up to \(Scenario.spanMax.plain)"
                )
            }
            return span
        }
    }
}
