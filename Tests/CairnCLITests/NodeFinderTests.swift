import CairnBase
import CairnLedger
import CairnRuntime
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

/// Which node a command means, told by where it looks for the socket; nobody listens at any of them.
@Suite struct NodeFinderTests {
    /// Announces nodes of processes that live for sure: this one and the first one.
    private func announce(_ names: [String], in directory: String) throws {
        let registry = NodeRegistry(directory: joinPath(directory, "registry"))
        for (name, pid) in zip(names, [getpid(), 1]) {
            let process = try #require(ProcessIdentity(pid: pid))
            try registry.write(
                NodeEntry(
                    process: process, home: "/home/\(name)", network: "local", name: name, node: "12D3KooW\(name)",
                    socket: "/nowhere/\(name)", api: nil, listen: "127.0.0.1:1", version: "0", started: "now"))
        }
    }

    private func status(
        _ flags: String, in directory: String, _ environment: [String: String] = [:]
    ) -> TestRun {
        TestRun("status \(flags)", environment: environment, directory: directory)
    }

    @Test func nobodyRuns() throws {
        try withTemporaryDirectory { directory in
            let run = status("", in: directory)
            #expect(run.error == "E101")
            #expect(run.exit == .unreachable)
            #expect(run.notes.contains("do     cairn init"), "without a home there is nothing to run")
            let home = ["CAIRN_HOME": joinPath(directory, "home")]
            #expect(TestRun("init --dev", environment: home, directory: directory).exit == .ok)
            #expect(status("--node n1", in: directory, home).notes.contains("do     cairn run"))
            #expect(TestRun("nodes", directory: directory).exit == .ok)
            #expect(TestRun("stop", directory: directory).error == "E101")
        }
    }

    @Test func theOrderOfPlaces() throws {
        try withTemporaryDirectory { directory in
            try announce(["alpha", "beta"], in: directory)
            #expect(status("", in: directory).error == "E103")
            try Directory.make(joinPath(directory, "project/.cairn"))
            let project = joinPath(directory, "project")
            let both = ["CAIRN_HOME": "/from/variable", "CAIRN_NODE": "beta"]
            for (flags, place, environment, socket) in [
                ("", project, [:], "/project/.cairn/run/api.sock"),
                ("", project, ["CAIRN_HOME": "/from/variable"], "/from/variable/run/api.sock"),
                ("", project, both, "/nowhere/beta"),
                ("--home given", project, both, "/project/given/run/api.sock"),
                ("--home given --node alpha", project, both, "/nowhere/alpha"),
                ("--node ./x.sock", project, both, "/project/x.sock"),
                ("--node 12D3KooWal", directory, [:], "/nowhere/alpha"),
            ] as [(String, String, [String: String], String)] {
                // The registry is found from the working directory in these tests, so it is moved along.
                let run = TestRun(
                    ("status " + flags).split(separator: " ").map(String.init), environment: environment,
                    directory: place, registry: joinPath(directory, "registry"))
                #expect(run.error == "E101", "\(flags)")
                let tried = run.notes.split(separator: "\n").first { $0.contains("  tried  ") } ?? ""
                #expect(tried.contains(socket), "\(flags): \(tried)")
            }
        }
    }

    /// Whoever names a node means its keys, its chain and its configuration too.
    @Test(arguments: [
        "wallet show", "wallet balance", "wallet send cn1uwukn3xxd6heucnzwuygtfkwrfh2fdtxpj07sa2lpemuhud5lm8spww6av 1",
        "keys list", "config check", "backup ./copy",
        "snapshot export ./copy", "validator apply",
    ])
    func theNamedNodesHomeIsMeant(command: String) throws {
        try withTemporaryDirectory { directory in
            try announce(["alpha"], in: directory)
            let run = TestRun("\(command) --node alpha", directory: directory)
            #expect(!(run.out + run.notes).contains(directory + "/.local"), "\(run.out)\(run.notes)")
            #expect((run.out + run.notes).contains("alpha"), "\(run.out)\(run.notes)")
        }
    }

    /// A node that is reached by the address of its API has its home elsewhere: nothing is read or written for it here.
    @Test(arguments: ["keys new node", "config check", "wallet show", "backup ./copy"])
    func anAddressNamesNoHome(command: String) throws {
        try withTemporaryDirectory { directory in
            let flagged = TestRun("\(command) --node http://127.0.0.1:1", directory: directory)
            #expect(flagged.error == "E004" && flagged.notes.contains("--home DIR"), "\(flagged.notes)")
            let named = TestRun(command, environment: ["CAIRN_NODE": "http://127.0.0.1:1"], directory: directory)
            #expect(named.error == "E004" && named.notes.contains("--home DIR"), "\(named.notes)")
            #expect(Directory.names(directory).filter { $0 != "registry" } == [])
        }
    }

    @Test func theOnlyOneIsMeant() throws {
        try withTemporaryDirectory { directory in
            try announce(["alpha"], in: directory)
            let run = status("", in: directory)
            #expect(run.error == "E101")
            #expect(run.notes.contains("/nowhere/alpha  no such socket"))
            #expect(status("--network local", in: directory).notes.contains("/nowhere/alpha"))
            #expect(status("--network other", in: directory).notes.contains("no running cairn node found"))
            #expect(status("--node gamma", in: directory).notes.contains("no node \"gamma\" runs here"))
            #expect(status("--node 12D", in: directory).error == "E101", "too short for an id")
            #expect(status("--node http://127.0.0.1:1", in: directory).exit == .unreachable)
            #expect(status("--node http://here/", in: directory).error == "E004")
            #expect(TestRun("nodes", directory: directory).out.contains("/home/alpha"))
        }
    }

    @Test func aRegistryOfStrangersIsRefused() throws {
        try withTemporaryDirectory { directory in
            try Directory.make(joinPath(directory, "registry"))
            #expect(chmod(joinPath(directory, "registry"), 0o777) == 0)
            #expect(status("", in: directory).error == "E110")
            #expect(TestRun("nodes", directory: directory).error == "E110")
        }
    }

    @Test func aNodeNeedsAHome() throws {
        try withTemporaryDirectory { directory in
            let home = ["CAIRN_HOME": joinPath(directory, "home")]
            #expect(TestRun("run", environment: home, directory: directory).error == "E206")
            #expect(TestRun("init --dev", environment: home, directory: directory).exit == .ok)
            #expect(TestRun("run --listen x", environment: home, directory: directory).error == "E213")
            #expect(TestRun("run --log loud", environment: home, directory: directory).error == "E213")
            #expect(TestRun("run --network main", environment: home, directory: directory).error == "E310")
            #expect(TestRun("run --listen 8.8.8.8:7470", environment: home, directory: directory).error == "E108")
        }
    }

    /// The genesis says which network it is, and one sealed key is enough for a node that is in earnest.
    @Test func aNodeInEarnestTakesNoFaults() throws {
        try withTemporaryDirectory { directory in
            let home = Home(path: joinPath(directory, "home"))
            var environment = ["CAIRN_HOME": home.path]
            #expect(TestRun("init --dev --network local", environment: environment, directory: directory).exit == .ok)
            let manifest = try TestnetManifest(name: "local", seed: 7, nodes: 1) { _ in true }
            try TextFile.replace(home.genesisFile, try TestnetGenesis(manifest).genesis.json.indentedText + "\n")
            #expect(TestRun("run --network other", environment: environment, directory: directory).error == "E213")
            try removeFile(home.keyFile(KeyKind.validator.rawValue))
            try TextFile.create(joinPath(directory, "pass"), "correct horse battery\n", mode: 0o600)
            let made = TestRun(
                "keys new validator --passphrase-file pass", environment: environment, directory: directory)
            #expect(made.exit == .ok, "\(made.notes)")
            environment["CAIRN_TEST_FAULTS"] = "on"
            let run = TestRun("run", environment: environment, directory: directory)
            #expect(run.error == "E213" && run.notes.contains("validator"), "\(run.notes)")
        }
    }
}
