import CairnBase
import CairnRuntime

/// What a fault does to the processes of a testnet, and how it is undone.
extension TestnetStart {
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
        }
    }

    /// Lets halted nodes go on and starts those that are down; returns what was done.
    func heal() throws(Failure) -> String {
        let nodes = testnet.manifest.nodes
        let paused = nodes.filter { testnet.process(of: $0)?.isPaused ?? false }
        for node in paused { testnet.process(of: node)?.signal(.resume) }
        let down = nodes.filter { testnet.process(of: $0) == nil }
        try startAgain(down)
        let done = [
            paused.isEmpty ? nil : "resumed \(names(paused))", down.isEmpty ? nil : "started \(names(down))",
        ].compactMap(\.self)
        return done.isEmpty ? "nothing to heal" : done.joined(separator: "; ")
    }

    private func startAgain(_ nodes: [TestnetManifest.Node]) throws(Failure) {
        for node in nodes { try start(node) }
        for node in nodes { try waitUntilReady(node) }
    }

    /// The processes of nodes that have to be there for a fault to mean something.
    private func running(
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

    private func names(_ nodes: [TestnetManifest.Node]) -> String { nodes.map(\.name).joined(separator: " ") }
}
