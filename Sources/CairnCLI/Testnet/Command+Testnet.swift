import CairnBase
import CairnRuntime
import CairnWire

/// The commands about local testnets.
extension Noun {
    static let testnet = Noun(
        name: "testnet", summary: "Run a whole network of real nodes on this machine",
        commands: [
            .testnetStatus, .testnetUp, .testnetLogs, .testnetExec, .testnetFault, .testnetHeal, .testnetScenario,
            .testnetCrash, .testnetSnapshot, .testnetRestore,
            .testnetDown, .testnetPurge,
        ])
}

enum TestnetFlags {
    static let nodes = Flag.integer("nodes", "N", in: 1...TestnetManifest.nodeLimit, "How many nodes; 4 unless told")
    static let seed = Flag.integer(
        "seed", "S", in: 0...UInt64(Int64.max), "The number that decides all keys; 42 unless told")
    static let pace = Flag.integer(
        "pace", "MS", in: 0...TestnetManifest.paceMax,
        "Milliseconds between blocks, 0 for as fast as can be; 1000 unless told")
    static let town = Flag.path(
        "town", "FILE", "Give every node a simulated radio gateway, at the places of this file")
    static let manifest = Flag.path(
        "manifest", "FILE", "What it is to be made of, such as a file of Testnet/manifests; other flags win")
    static let name = Flag.label("name", "Which testnet; local unless told")
    static let directory = Flag.path("dir", "DIR", "Where it keeps its homes and logs, instead of the usual place")
    static let follow = Flag.switched("follow", short: "f", "Go on showing lines as they are written")
    static let lines = Flag.integer("lines", "N", in: 0...100_000, "How many lines to begin with; 50 unless told")

    /// What a testnet is made by; every command that may make one reads them.
    static let shape = [nodes.declaration, seed.declaration, pace.declaration, town.declaration, manifest.declaration]
    static let place = [name.declaration, directory.declaration]
}

extension TestnetDirectory {
    init(_ session: Session) throws(Failure) {
        let name = session.invocation[TestnetFlags.name] ?? Self.defaultName
        try self.init(session.invocation[TestnetFlags.directory], name: name, session.surroundings)
    }
}

extension Testnet {
    /// The testnet a command is about; an error when there is none, or only half of one where all of it is needed.
    init(_ session: Session, evenHalf: Bool = false) throws(Failure) {
        let directory = try TestnetDirectory(session)
        if !evenHalf { try directory.requireWhole() }
        self.init(directory: directory, manifest: try directory.existing())
    }
}

// MARK: Looking

extension Command {
    static let testnetStatus = Command(
        path: ["testnet", "status"],
        summary: "Show how every node of a testnet is",
        text: [
            "A node is up when its process lives and answers, silent when it lives and does not answer, down when it has "
                + "ended. The exit code is 4 unless all are up."
        ],
        flags: [Flag.watch.declaration] + TestnetFlags.place,
        examples: [
            Example("cairn testnet status", "Shows every node on a line."),
            Example("cairn testnet status --watch=1s --json", "Prints a document every second."),
        ],
        exits: [.unhealthy, .notFound, .damaged, .interrupted],
        run: { session throws(Failure) in
            let testnet = try Testnet(session, evenHalf: true)
            let timeout = session.invocation[GlobalFlags.timeout] ?? .seconds(2)
            return try session.watch(every: session.invocation[.watch]) { () throws(Failure) in
                let states = testnet.states(timeout: timeout)
                let isHealthy = states.allSatisfy { $0.report != nil }
                session.answer(
                    testnet.fields(states) + [.init("healthy", .bool(isHealthy))], testnet.table(states, session))
                return isHealthy ? .ok : .unhealthy
            }
        })

    static let testnetLogs = Command(
        path: ["testnet", "logs"],
        summary: "Show the log lines of all nodes in order of time",
        text: ["Each line begins with the name of its node. With a name only that node's lines are shown."],
        arguments: [
            Argument(name: "NODE", summary: "Only this node", value: .label("NODE"), isRequired: false)
        ],
        flags: [TestnetFlags.follow.declaration, TestnetFlags.lines.declaration] + TestnetFlags.place,
        examples: [
            Example("cairn testnet logs n2", "Shows the last lines of one node."),
            Example("cairn testnet logs -f --lines 0", "Shows what all nodes write from now on."),
        ],
        exits: [.notFound, .damaged, .interrupted],
        run: { session throws(Failure) in
            let testnet = try Testnet(session, evenHalf: true)
            var nodes = testnet.manifest.nodes
            if let name = session.invocation.argument(0) { nodes = [try testnet.node(named: name)] }
            var logs = TestnetLogs(nodes.map { ($0.name, testnet.directory.log(of: $0)) }, session)
            try logs.showLast(Int(session.invocation[TestnetFlags.lines] ?? 50))
            while session.invocation.has(TestnetFlags.follow) {
                pause(.milliseconds(100))
                try logs.showNew()
            }
            return .ok
        })

    static let testnetExec = Command(
        path: ["testnet", "exec"],
        summary: "Run a command as if in the home of one node",
        text: ["What follows -- is a command of this program; it is given the home of the node."],
        arguments: [Argument(name: "NODE", summary: "The node", value: .label("NODE"))],
        rest: Argument(name: "COMMAND", summary: "A command of this program", value: .text("COMMAND"), repeats: true),
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet exec n2 -- status", "Asks one node how it is."),
            Example("cairn testnet exec n0 -- keys show account --json", "Shows the account of another."),
        ],
        exits: ExitCode.allCases,
        run: { session throws(Failure) in
            let testnet = try Testnet(session)
            let node = try testnet.node(named: session.invocation.argument(0) ?? "")
            return session.run(["--home", testnet.directory.home(of: node)] + session.invocation.rest)
        })
}

// MARK: Down

extension Command {
    static let testnetDown = Command(
        path: ["testnet", "down"],
        summary: "Stop all nodes of a testnet and keep their homes",
        text: ["Each node is asked to stop and has five seconds for it; then it is killed. `up` starts it again."],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet down", "Stops the usual testnet."),
            Example("cairn testnet down --name big", "Stops another."),
        ],
        exits: [.notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let testnet = try Testnet(session, evenHalf: true)
            let lock = try testnet.directory.lock()
            let stopped = testnet.stop(within: .seconds(5))
            _ = consume lock
            session.answer(stoppedFields(testnet, stopped), stoppedText(stopped))
            return .ok
        })

    static let testnetPurge = Command(
        path: ["testnet", "purge"],
        summary: "Stop all nodes of a testnet and remove everything of it",
        text: ["Homes, keys, data and logs of all its nodes are gone afterwards. Other testnets are not touched."],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet purge", "Removes the usual testnet."),
            Example("cairn testnet purge --name big", "Removes another."),
        ],
        exits: [.notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let directory = try TestnetDirectory(session)
            // A manifest that does not read must not keep its testnet from being removed; that there is one shows that
            // the directory is a testnet's and not somebody's documents.
            guard fileExists(directory.manifestFile) else { _ = try directory.existing(); return .notFound }
            let lock = try directory.lock()
            var stopped: [Testnet.Stopped] = []
            if let manifest = try? directory.existing() {
                stopped = Testnet(directory: directory, manifest: manifest).stop(within: .seconds(5))
            }
            try Directory.remove(directory.path)
            _ = consume lock
            session.answer(
                [.init("directory", .string(directory.path)), .init("removed", true)],
                stoppedText(stopped) + "removed \(directory.path)\n")
            return .ok
        })

    private static func stoppedText(_ stopped: [Testnet.Stopped]) -> String {
        stopped.map { stop in
            "\(stop.name)  \(stop.wasKilled ? "killed" : stop.wasAlive ? "stopped" : "was down")\n"
        }.joined()
    }

    private static func stoppedFields(_ testnet: Testnet, _ stopped: [Testnet.Stopped]) -> [JSON.Member] {
        [
            .init("name", .string(testnet.manifest.name)),
            .init(
                "nodes",
                .array(
                    stopped.map { stop in
                        [
                            "name": .string(stop.name), "was_alive": .bool(stop.wasAlive),
                            "was_killed": .bool(stop.wasKilled),
                        ]
                    })),
        ]
    }
}
