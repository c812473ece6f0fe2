import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnWire

/// Plays a scenario on a testnet that works, step by step, and keeps what came of each.
struct ScenarioRun {
    let scenario: Scenario
    private(set) var start: TestnetStart
    let session: Session
    private(set) var results: [Result] = []

    struct Result: Sendable {
        let step: Scenario.Step
        let isGood: Bool
        let detail: String
        let span: TimeSpan
    }

    private static let lookTime = TimeSpan.milliseconds(100)
    private static let logLinesShown = 15

    init(_ scenario: Scenario, on start: TestnetStart, _ session: Session) {
        self.scenario = scenario
        self.start = start
        self.session = session
    }

    /// Throws at the first step that does not come out as it should.
    mutating func play() throws(Failure) {
        for step in scenario.steps {
            let begin = Clock.monotonic()
            do throws(Failure) {
                note(step, isGood: true, try play(step), since: begin)
            } catch {
                note(step, isGood: false, error.message, since: begin)
                throw error
            }
        }
    }

    private mutating func note(_ step: Scenario.Step, isGood: Bool, _ detail: String, since begin: Instant) {
        let result = Result(step: step, isGood: isGood, detail: detail, span: Clock.monotonic().since(begin))
        results.append(result)
        guard !session.isJSON else { return }
        session.out.write(
            "  \(isGood ? "ok  " : "FAIL")  \(padded(step.text, to: 52))  \(padded(detail, to: 44))  \(result.span.seconds)\n"
        )
    }

    private mutating func play(_ step: Scenario.Step) throws(Failure) -> String {
        switch step.kind {
        case .wait(let span):
            pause(span)
            return ""
        case .act(let action): return try carryOut(action)
        case .expect(let expectation): return try wait(for: expectation, step)
        }
    }

    private mutating func carryOut(_ action: ScenarioAction) throws(Failure) -> String {
        switch action {
        case .fault(let kind, let words): return try start.apply(TestnetFault(kind, words, in: start.testnet))
        case .heal: return try start.heal()
        case .snapshot(let name): return try start.save(as: saved(name))
        case .restore(let name):
            start = try start.restored(from: saved(name))
            return "\(start.testnet.manifest.nodes.count) nodes are as they were"
        case .upgrade(let nodes):
            for name in nodes { try start.upgrade(start.testnet.node(named: name)) }
            return "\(nodes.joined(separator: " ")) run from a new copy of the program"
        case .join(let name, let host):
            start = try start.joined(by: name, invitedBy: host) { words throws(Failure) in try run(words, exit: 0) }
            return "\(name) joined by a code of \(host)"
        case .run(let name, let words, let exit):
            let home = start.testnet.directory.home(of: try start.testnet.node(named: name))
            return String(try run(["--home", home] + words.map(named), exit: exit).prefix { $0 != "\n" })
        case .make(let name, let count):
            try files.make(name, bytes: count, seed: start.testnet.manifest.seed)
            return "\(count) bytes"
        }
    }

    /// Runs a command of this program here; returns what it said.
    private func run(_ words: [String], exit: Int32) throws(Failure) -> String {
        let (out, notes) = (MemorySink(), MemorySink())
        let code = Program(surroundings: session.surroundings, out: out, notes: notes, table: session.table).run(words)
        guard code.rawValue == exit else {
            let lines = (out.text + notes.text).split(separator: "\n").suffix(Self.logLinesShown)
            throw Failure(
                .scenarioFailed, "it ended with \(code.rawValue), not \(exit)", found: lines.map { Hint(String($0)) })
        }
        // A refusal may come after notes of what was tried.
        let refusal = notes.text.split(separator: "\n").first { $0.hasPrefix("error:") }
        return exit == 0 ? out.text : refusal.map(String.init) ?? notes.text
    }

    private func saved(_ name: String) -> SavedTestnet {
        SavedTestnet(directory: start.testnet.directory, name: name)
    }

    private var files: TestFiles { TestFiles(folder: start.testnet.directory.folder("files")) }

    /// `@n1` stands for the account of n1, `%n1` for its first resource, `./letter` for a file of the testnet.
    private func named(_ word: String) -> String {
        if TestFiles.isName(word) { return files.path(word) }
        let testnet = start.testnet
        guard let sign = word.first, "@%".contains(sign),
            let node = testnet.manifest.nodes.first(where: { $0.name == word.dropFirst() }),
            let account = try? testnet.account(of: node)
        else { return word }
        guard sign == "%", let chain = try? testnet.genesis().chain(using: Blake2b()) else { return account.text }
        return Resource.id(chain: chain, controller: account, sequence: 0, using: Blake2b()).description
    }

    private func wait(for expectation: ScenarioExpectation, _ step: Scenario.Step) throws(Failure) -> String {
        let begin = Clock.monotonic()
        let first = observe(expectation)
        var now = first
        while true {
            let elapsed = Clock.monotonic().since(begin)
            switch expectation.judge(now, since: first, after: elapsed) {
            case .holds(let fact): return fact
            case .broken(let fact): throw failure(fact, expectation)
            case .notYet(let fact):
                guard elapsed < step.within else { throw failure("\(fact) after \(step.within.plain)", expectation) }
            }
            pause(Self.lookTime)
            now = observe(expectation)
        }
    }

    /// The log lines of those it is about tell more than the sentence.
    private func failure(_ fact: String, _ expectation: ScenarioExpectation) -> Failure {
        let culprit = expectation.nodes.first { fact.hasPrefix("\($0) ") } ?? expectation.nodes.first ?? ""
        let lines = ((try? TextFile.tail(start.testnet.directory.log(culprit))) ?? "").split(separator: "\n")
        return Failure(
            .scenarioFailed, fact, found: lines.suffix(Self.logLinesShown).map { Hint(String($0)) },
            hints: [Hint(start.testnet.directory.log(culprit), "has the rest")])
    }

    private func observe(_ expectation: ScenarioExpectation) -> Observation {
        var observation = Observation(nodes: [:])
        for state in start.testnet.states(timeout: .seconds(2)) {
            let chain = state.report?.chain
            var node = Observation.Node()
            node.state = state.word
            node.height = chain?.height
            node.peers = state.report?.peers.alive
            node.committee = chain?.committee
            node.recent = chain?.recent ?? [:]
            observation.nodes[state.node.name] = node
        }
        switch expectation {
        case .log(ScenarioExpectation.any, _):
            for node in start.testnet.manifest.nodes {
                observation.nodes[node.name]?.log = (try? TextFile.tail(start.testnet.directory.log(node.name))) ?? ""
            }
        case .shards(_, _, let object, let name): observation.shards = shards(of: object, for: name)
        case .log(let name, _):
            observation.nodes[name]?.log = (try? TextFile.tail(start.testnet.directory.log(name))) ?? ""
        case .verdicts(_, _, let names):
            for name in names { observation.nodes[name]?.verdicts = verdicts(of: name) }
        case .paid(let names), .paidFor(_, let names), .unpaid(let names), .unproven(let names), .earned(let names),
            .unearned(let names),
            .believed(let names), .disbelieved(let names):
            guard let pay = try? TestnetPay(start.testnet) else { break }
            for name in names {
                observation.nodes[name]?.gateway = pay[name]
                observation.nodes[name]?.offers = pay.offers(of: name)
            }
        case .slashed(let names):
            for name in names { observation.nodes[name]?.slashed = try? TestnetPay.slashed(name, in: start.testnet) }
        case .same(let one, let other): observation.sameLength = files.sameLength(one, other)
        default: break
        }
        return observation
    }

    private func shards(of object: String, for name: String) -> Int? {
        guard let node = try? start.testnet.node(named: name),
            let said = try? run(
                ["--home", start.testnet.directory.home(of: node), "--json", "storage", "status", object], exit: 0)
        else { return nil }
        return (try? JSONReader.read(Array(said.utf8)))?["live"]?.integer()
    }

    private func verdicts(of name: String) -> [String: UInt64] {
        guard let node = try? start.testnet.node(named: name),
            let report = try? NodeClient(socket: start.testnet.home(of: node).controlSocket, timeout: .seconds(5))
                .coverage()
        else { return [:] }
        let counts = (report.reasons + report.witnessReasons).map { ($0.name, $0.count) }
        return Dictionary(counts + [("paying", report.paying)], uniquingKeysWith: +)
    }
}

extension ScenarioRun.Result {
    var document: JSON {
        [
            "line": JSON(step.line), "step": .string(step.text), "result": .string(isGood ? "ok" : "failed"),
            "detail": .string(detail), "milliseconds": JSON(span.milliseconds),
        ]
    }
}
