import CairnBase
import CairnRuntime

/// What a fault does to the processes and networks of a testnet, and how it is undone.
extension TestnetStart {
    typealias Node = TestnetManifest.Node

    /// How long a node may take to stop, as `down` gives it.
    private static let stopTime = TimeSpan.seconds(5)

    /// Carries a fault out; returns what was done, for people.
    func apply(_ fault: TestnetFault) throws(Failure) -> String {
        switch fault {
        case .kill(let nodes):
            for (node, process) in try running(nodes) {
                guard testnet.end(process) else { throw failure(node, "node \(node.name) was killed and does not end") }
            }
            return "killed \(names(nodes))"
        case .pause(let nodes):
            for (_, process) in try running(nodes) { process.signal(.pause) }
            return "paused \(names(nodes))"
        case .restart(let nodes):
            _ = testnet.stop(nodes.map(\.name), within: Self.stopTime)
            try startAgain(nodes)
            return "restarted \(names(nodes))"
        case .partition(let groups):
            for (index, group) in groups.enumerated() {
                let others = groups.enumerated().filter { $0.offset != index }.flatMap(\.element)
                try change(group) { $0.cut = others.map(\.listen.address) }
            }
            return "cut \(groups.map(names).joined(separator: " / "))"
        case .delay(let nodes, let span):
            try change(nodes) { $0.delay = span }
            return "\(names(nodes)) send \(span.plain) later"
        case .loss(let nodes, let ppm):
            try change(nodes) { $0.lossPPM = ppm }
            return "\(names(nodes)) lose \(NodeFaults.percent(ppm))"
        case .skew(let nodes, let milliseconds):
            try change(nodes) { $0.skew = milliseconds }
            return "the clock of \(names(nodes)) is off by \(NodeFaults.signed(milliseconds))"
        case .rot(let nodes):
            return "turned a bit in \(try pieces(of: nodes, testnet.rot)) pieces of \(names(nodes))"
        case .strip(let nodes):
            return "took away \(try pieces(of: nodes, testnet.strip)) pieces of \(names(nodes))"
        case .fillDisk(let nodes):
            for (node, _) in try running(nodes) {
                _ = try faults(of: node)
                try testnet.fillDisk(of: node)
            }
            return "the disk of \(names(nodes)) is full"
        case .lie(let nodes, let lie):
            try change(gatewaysOf: nodes) { lie.told(by: $0) }
            return "the gateway of \(names(nodes)) \(lie.words)"
        case .equivocate(let nodes):
            try change(nodes) { $0.equivocates = true }
            return "\(names(nodes)) votes twice"
        }
    }

    /// Does something to the pieces of nodes; the number of those pieces. A node without any is refused.
    private func pieces(
        of nodes: [Node], _ harm: (Node) throws(Failure) -> Int
    ) throws(Failure) -> Int {
        var count = 0
        for node in nodes {
            let harmed = try harm(node)
            guard harmed > 0 else { throw Failure(.faultRefused, "node \(node.name) keeps no piece") }
            count += harmed
        }
        return count
    }

    /// Lets halted nodes go on, starts those that are down, mends every network; returns what was done.
    func heal() throws(Failure) -> String {
        let nodes = testnet.manifest.nodes
        let paused = nodes.filter { testnet.process(of: $0)?.isPaused ?? false }
        for node in paused { testnet.process(of: node)?.signal(.resume) }
        let full = nodes.filter(testnet.isDiskFull)
        for node in full { try testnet.makeRoom(for: node) }
        let down = nodes.filter { testnet.process(of: $0) == nil }
        try startAgain(down)
        var broken: [Node] = []
        for node in nodes {
            if let faults = try client(node).faults(), !faults.isEmpty { broken.append(node) }
        }
        try change(broken) { $0 = NodeFaults() }
        for node in nodes where try testnet.restore(node) { broken.append(node) }
        let honest = try makeGatewaysHonest()
        let done = [
            ("resumed", paused), ("made room for", full), ("started", down), ("mended", broken),
            ("honest again:", honest),
        ].filter { !$0.1.isEmpty }
        return done.isEmpty ? "nothing to heal" : done.map { "\($0.0) \(names($0.1))" }.joined(separator: "; ")
    }

    private func startAgain(_ nodes: [TestnetManifest.Node]) throws(Failure) {
        for node in nodes { try start(node) }
        for node in nodes { try waitUntilReady(node) }
    }

    private func change(
        _ nodes: [TestnetManifest.Node], _ body: (inout NodeFaults) -> Void
    ) throws(Failure) {
        for (node, _) in try running(nodes) {
            var faults = try faults(of: node)
            body(&faults)
            try client(node).set(faults)
        }
    }

    /// Those in force at a node that takes any.
    private func faults(of node: TestnetManifest.Node) throws(Failure) -> NodeFaults {
        if let faults = try client(node).faults() { return faults }
        throw Failure(
            .faultRefused, "node \(node.name) was not started to be tested",
            hints: [
                Hint("test.faults = \"on\"", "in its config.toml, and a restart, change that"),
                Hint("cairn testnet purge", "removes this testnet; a new one takes faults"),
            ])
    }

    func client(_ node: TestnetManifest.Node) -> NodeClient {
        NodeClient(socket: testnet.home(of: node).controlSocket, timeout: .seconds(5))
    }

    /// The processes of nodes that have to be there for a fault to mean something.
    func running(
        _ nodes: [TestnetManifest.Node]
    ) throws(Failure) -> [(TestnetManifest.Node, ProcessIdentity)] {
        try nodes.map { node throws(Failure) in
            guard let process = testnet.process(of: node) else {
                throw Failure(
                    .faultRefused, "node \(node.name) is down",
                    hints: [Hint("cairn testnet heal", "starts it"), Hint("cairn testnet status", "shows all of them")])
            }
            return (node, process)
        }
    }

    func names(_ nodes: [TestnetManifest.Node]) -> String { nodes.map(\.name).joined(separator: " ") }
}
