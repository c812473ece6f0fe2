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
    /// The testnet it wants.
    let plan: TestnetPlan
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

    private static let stepsMax = 200

    /// One that is played on a testnet made by a plan.
    init(file: String, for plan: TestnetPlan) throws(Failure) {
        try self.init(file: file, text: TextFile.read(file))
        guard self.plan.nodes == plan.nodes else {
            throw Failure(
                .planInvalid, "\(file) is about \(self.plan.nodes) nodes, and the testnet would have \(plan.nodes)")
        }
    }

    init(file: String, text: String) throws(Failure) {
        let reader = TableReader(file: file, code: .scenarioInvalid)
        let document = try reader.document(text)
        guard let head = document["scenario"], let about = try reader.text(head, "about") else {
            throw Failure(.scenarioInvalid, "\(file): [scenario] needs about, a sentence that says what it shows")
        }
        try reader.check(head, knows: ["about"] + TestnetPlan.keys)
        self.about = about
        plan = try TestnetPlan(head, reader)
        var names = plan.names
        var steps: [Step] = []
        for table in document.tables where table.path != ["scenario"] && !(table.path.isEmpty && table.entries.isEmpty)
        {
            guard table.path == ["step"], table.isElement else {
                throw Failure(.scenarioInvalid, "\(file):\(table.line): only [scenario] and [[step]] belong here")
            }
            let step = try Step(table, names, reader)
            if case .act(.join(let newcomer, _)) = step.kind { names.append(newcomer) }
            steps.append(step)
        }
        guard (1...Self.stepsMax).contains(steps.count) else {
            throw Failure(.scenarioInvalid, "\(file): a scenario has 1 to \(Self.stepsMax) [[step]]")
        }
        self.steps = steps
    }
}

extension Scenario.Step {
    private static let preset = TimeSpan.seconds(30)
    private static let spanMax = TimeSpan.seconds(1_800)

    fileprivate init(_ table: TOML.Table, _ names: [String], _ reader: TableReader) throws(Failure) {
        try reader.check(table, knows: ["do", "expect", "wait", "within"])
        let within = try reader.span(table, "within", atMost: Self.spanMax)
        let place = "\(reader.file):\(table.line)"
        let action = try reader.text(table, "do")
        let expectation = try reader.text(table, "expect")
        let wait = try reader.span(table, "wait", atMost: Self.spanMax)
        switch (action, expectation, wait) {
        case (let words?, nil, nil):
            self.init(
                line: table.line, text: "do \(words)", kind: .act(try ScenarioAction(words, names, place)),
                within: within ?? Self.preset)
        case (nil, let words?, nil):
            self.init(
                line: table.line, text: "expect \(words)",
                kind: .expect(try ScenarioExpectation(words, names, place)), within: within ?? Self.preset)
        case (nil, nil, let span?):
            self.init(line: table.line, text: "wait \(span.plain)", kind: .wait(span), within: span)
        default:
            throw Failure(.scenarioInvalid, "\(place): a [[step]] has one of do, expect and wait")
        }
    }
}
