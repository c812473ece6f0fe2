import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire

/// Brings a testnet up, step by step; each step has a deadline and says what it waited for.
///
/// Doing it again is harmless: homes that exist are kept, nodes that run are left running, nodes that are down are
/// started.
struct TestnetStart {
    let testnet: Testnet
    let session: Session
    /// The program that each node runs: this one.
    let program: String
    private(set) var steps: [Step] = []

    struct Step: Sendable {
        let name: String
        let detail: String
        let span: TimeSpan
    }

    /// How long the slowest step may take on a busy machine.
    static let deadline = TimeSpan.seconds(30)
    private static let logLinesShown = 15

    init(testnet: Testnet, session: Session, program: String) {
        self.testnet = testnet
        self.session = session
        self.program = program
    }

    /// Makes homes and starts processes, until every node listens.
    mutating func untilReady() throws(Failure) {
        let manifest = testnet.manifest
        try step("homes") { start throws(Failure) in
            for index in manifest.nodes.indices { try start.makeHome(index) }
            return "testnet \(manifest.name) · \(manifest.nodes.count) nodes · seed \(manifest.seed)"
        }
        try step("start") { start throws(Failure) in
            var started: [String] = []
            for node in manifest.nodes where start.testnet.process(of: node) == nil {
                try start.start(node)
                started.append(node.name)
            }
            return started.isEmpty ? "all run already" : started.joined(separator: " ")
        }
        try step("ready") { start throws(Failure) in
            for node in manifest.nodes { try start.waitUntilReady(node) }
            return "\(manifest.nodes.count)/\(manifest.nodes.count) nodes answer"
        }
    }

    /// Waits until every node has greeted every other.
    mutating func untilMeshed() throws(Failure) {
        try step("mesh") { start throws(Failure) in try start.waitUntilMeshed() }
    }

    mutating func step(
        _ name: String, _ body: (TestnetStart) throws(Failure) -> String
    ) throws(Failure) {
        let begin = Clock.monotonic()
        let detail = try body(self)
        let step = Step(name: name, detail: detail, span: Clock.monotonic().since(begin))
        steps.append(step)
        guard !session.isJSON else { return }
        session.out.write("  \(padded(name, to: 9))  \(padded(detail, to: 60))  \(step.span.seconds)\n")
    }

    // MARK: Homes

    private func makeHome(_ index: Int) throws(Failure) {
        let manifest = testnet.manifest
        let node = manifest.nodes[index]
        let home = testnet.home(of: node)
        guard !fileExists(home.configFile) else { return }
        let others = manifest.nodes.filter { $0.name != node.name }
        var values = [
            Setting.nodeName.name: [node.name], Setting.nodeNetwork.name: [manifest.name],
            Setting.testFaults.name: ["on"],
            Setting.p2pListen.name: ["\(node.listen)"], Setting.apiListen.name: ["\(node.api)"],
            Setting.p2pPeers.name: others.map { "\($0.listen)" },
        ]
        if manifest.hasRadios { values.merge(TestnetTown.settings(of: node, index)) { first, _ in first } }
        if let room = node.room { values[Setting.storageCapacity.name] = ["\(room >> 20)MiB"] }
        if let sealed = node.sealed { values[Setting.storageSealed.name] = ["\(sealed >> 20)MiB"] }
        let maker = HomeMaker(storage: KeyStorage(home: home, settings: session.surroundings.keys), values: values)
        try TestnetGenesis(manifest).place(in: home, ofNode: index)
        if manifest.hasRadios { try addKey(.device, .device, ofNode: index, maker) }
        // Any node of a network with holders may put files with them.
        if manifest.hasHolders { try addKey(.storage, .storage, ofNode: index, maker) }
        _ = try maker.make(.derived(seed: manifest.seed, index: UInt64(index)))
    }

    /// A key that not every home has.
    private func addKey(_ kind: KeyKind, _ role: Keystore.Role, ofNode index: Int, _ maker: HomeMaker) throws(Failure) {
        let manifest = testnet.manifest
        guard !fileExists(testnet.home(of: manifest.nodes[index]).keyFile(kind.rawValue)) else { return }
        let seed = HomeMaker.derivedSeed(manifest.seed, UInt64(index), kind)
        _ = try maker.storage.save(.development(seed, role: role), kind.rawValue)
    }

    // MARK: Processes

    func start(_ node: TestnetManifest.Node) throws(Failure) {
        for endpoint in [node.listen, node.api] where !isFree(endpoint) {
            throw Failure(
                .addressTaken, "\(endpoint), the address of node \(node.name), is taken",
                hints: [
                    Hint("ss -lntup", "shows by whom"),
                    Hint("cairn testnet purge", "forgets these addresses; up then chooses free ones"),
                ])
        }
        let child = ChildProcess(
            program: program, arguments: ["run", "--home", testnet.directory.home(of: node)],
            environment: session.surroundings.environment.filter { !$0.key.hasPrefix("CAIRN_") },
            output: testnet.directory.output(of: node), log: testnet.directory.log(of: node))
        try testnet.directory.record(try child.start(), of: node.name)
    }

    func waitUntilReady(_ node: TestnetManifest.Node) throws(Failure) {
        let output = testnet.directory.output(of: node)
        try wait(for: node, "it was not ready") { () throws(Failure) in
            try TextFile.read(output).split(separator: "\n").contains { $0.hasPrefix("cairn ready ") }
        }
    }

    /// Until every node holds all the others as alive, and all hold the same records of them.
    private func waitUntilMeshed() throws(Failure) -> String {
        let wanted = testnet.manifest.nodes.count - 1
        for node in testnet.manifest.nodes {
            try wait(for: node, "its view of the members differs from the others'") { () throws(Failure) in
                let reports = testnet.manifest.nodes.map { testnet.state(of: $0, timeout: .seconds(2)).report?.peers }
                let views = Set(reports.map { $0?.view })
                return views.count == 1 && reports.allSatisfy { ($0?.alive ?? 0) >= wanted }
            }
        }
        return "\(testnet.manifest.nodes.count)/\(testnet.manifest.nodes.count) nodes agree on who is there"
    }

    /// Looks again and again until something holds, the node ends, or the deadline is reached.
    func wait(
        for node: TestnetManifest.Node, _ complaint: String, within patience: TimeSpan = deadline,
        lookingEvery span: TimeSpan = .milliseconds(20), until holds: () throws(Failure) -> Bool
    ) throws(Failure) {
        let deadline = Clock.monotonic() + patience
        while true {
            // Asked first: what a node said before it ended does not count.
            let isAlive = testnet.process(of: node) != nil
            guard isAlive else { throw failure(node, "node \(node.name) ended") }
            if try holds() { return }
            guard Clock.monotonic() < deadline else {
                throw failure(node, "node \(node.name): \(complaint) within \(patience.plain)")
            }
            pause(span)
        }
    }

    func failure(_ node: TestnetManifest.Node, _ message: String) -> Failure {
        let log = testnet.directory.log(of: node)
        let lines = ((try? TextFile.tail(log)) ?? "").split(separator: "\n").suffix(Self.logLinesShown)
        return Failure(
            .testnetStep, message, found: lines.map { Hint(String($0)) },
            hints: [Hint("cairn testnet logs \(node.name)", "shows the rest"), Hint(log)])
    }
}
