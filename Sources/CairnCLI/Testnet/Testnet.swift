import CairnBase
import CairnRuntime
import CairnWire

/// A local testnet as it stands on disk and in the process table: real nodes, each with its own network and home.
struct Testnet: Sendable {
    let directory: TestnetDirectory
    let manifest: TestnetManifest

    /// How a node is, as far as can be told from outside.
    struct NodeState: Sendable {
        let node: TestnetManifest.Node
        let process: ProcessIdentity?
        /// What it says of itself; nil when it is down or does not answer.
        let report: NodeReport?

        var isAlive: Bool { process != nil }

        var role: String { report?.chain.map { $0.isValidator ? "validator" : "follower" } ?? "-" }

        var word: String {
            switch (process, report) {
            case (nil, _): "down"
            case (let process?, _) where process.isPaused: "paused"
            case (_, nil): "silent"
            default: "up"
            }
        }
    }

    func home(of node: TestnetManifest.Node) -> Home { Home(path: directory.home(of: node)) }

    /// The process of a node, when it is alive.
    func process(of node: TestnetManifest.Node) -> ProcessIdentity? { process(named: node.name) }

    func process(named name: String) -> ProcessIdentity? {
        guard let process = directory.process(name) else { return nil }
        if process.isAlive { return process }
        // A child of this very process, if `up` started it, would otherwise stay in the process table.
        process.reap()
        return nil
    }

    func state(of node: TestnetManifest.Node, timeout: TimeSpan) -> NodeState {
        let process = process(of: node)
        // One that is halted would let everybody wait.
        let report = process.flatMap { process in
            process.isPaused
                ? nil : try? NodeClient(socket: home(of: node).controlSocket, timeout: timeout).report()
        }
        return NodeState(node: node, process: process, report: report)
    }

    func states(timeout: TimeSpan) -> [NodeState] {
        manifest.nodes.map { state(of: $0, timeout: timeout) }
    }

    func node(named name: String) throws(Failure) -> TestnetManifest.Node {
        if let node = manifest.nodes.first(where: { $0.name == name }) { return node }
        let close = nearest(to: name, in: manifest.nodes.map(\.name)).map { [Hint($0, "is the nearest one")] } ?? []
        throw Failure(
            .unknownNode, "testnet \(manifest.name) has no node \(quoted(name))",
            hints: close + [Hint("cairn testnet status", "lists them")])
    }
}

// MARK: Stopping

extension Testnet {
    struct Stopped: Sendable {
        let name: String
        let wasAlive: Bool
        let wasKilled: Bool
    }

    /// Asks every node to stop, and kills those that have not after a while.
    func stop(within patience: TimeSpan) -> [Stopped] {
        let names = manifest.nodes.map(\.name) + (manifest.hasRadios ? [TestnetDirectory.radio] : [])
        return stop(names, within: patience)
    }

    func stop(_ names: [String], within patience: TimeSpan) -> [Stopped] {
        let running = names.map { ($0, process(named: $0)) }
        for case (_, let process?) in running {
            process.signal(.terminate)
            // One that is halted hears of it when it goes on.
            process.signal(.resume)
        }
        let deadline = Clock.monotonic() + patience
        return running.map { name, process in
            guard let process else { return Stopped(name: name, wasAlive: false, wasKilled: false) }
            let ended = process.waitForEnd(until: deadline)
            if !ended { _ = end(process) }
            return Stopped(name: name, wasAlive: true, wasKilled: !ended)
        }
    }

    /// Ends a process without warning; false when it is still there after a while.
    func end(_ process: ProcessIdentity) -> Bool {
        process.signal(.kill)
        return process.waitForEnd(until: Clock.monotonic() + .seconds(5))
    }
}

// MARK: Presentation

extension Testnet {
    func table(_ states: [NodeState], _ session: Session) -> String {
        // What each was paid for coverage, where there are gateways.
        let pay = manifest.hasRadios ? try? TestnetPay(self) : nil
        let paid = pay == nil ? [] : ["PAID"]
        var table = TextTable(
            ["NODE", "ROLE", "STATE", "NAME", "PEERS", "HEIGHT"] + paid + ["P2P", "API", "PID", "UP", "LOG"],
            right: pay == nil ? [4, 5, 8] : [4, 5, 6, 9])
        for state in states {
            var row = [state.node.name, state.role, state.word, state.report?.node.words ?? "-"]
            row.append(state.report.map { "\($0.peers.alive)" } ?? "-")
            row.append(state.report?.chain.map { "\($0.height)" } ?? "-")
            if let pay { row.append("\(pay[state.node.name].paid.units / Amount.one.units)") }
            row += ["\(state.node.listen)", "http://\(state.node.api)", state.process.map { "\($0.pid)" } ?? "-"]
            row += [state.report.map { $0.uptime.rough } ?? "-", directory.log(of: state.node)]
            table.add(row)
        }
        return table.text(session.style) + faults(states)
    }

    /// A line for each node to which something was done on purpose.
    private func faults(_ states: [NodeState]) -> String {
        let liars = (try? lyingGateways()) ?? []
        let lines = states.compactMap { state -> String? in
            let words = [
                state.report?.faults.map { $0.words(manifest.nodes) } ?? "",
                isDiskFull(state.node) ? "disk full" : "", liars.contains(state.node) ? "its gateway lies" : "",
            ].filter { !$0.isEmpty }
            return words.isEmpty ? nil : "fault  \(state.node.name)  \(words.joined(separator: " · "))\n"
        }
        return lines.isEmpty ? "" : "\n" + lines.joined()
    }

    func fields(_ states: [NodeState]) -> [JSON.Member] {
        [
            .init("name", .string(manifest.name)), .init("seed", JSON(manifest.seed)),
            .init("directory", .string(directory.path)),
            .init("nodes", .array(states.map { .object(fields($0)) })),
        ]
    }

    private func fields(_ state: NodeState) -> [JSON.Member] {
        [
            .init("name", .string(state.node.name)), .init("state", .string(state.word)),
            .init("pid", state.process.map { JSON($0.pid) } ?? nil),
            .init("listen", .string("\(state.node.listen)")), .init("api", .string("http://\(state.node.api)")),
            .init("home", .string(directory.home(of: state.node))),
            .init("log", .string(directory.log(of: state.node))),
            .init("status", state.report?.document ?? nil),
        ]
    }
}
