import CairnBase
import CairnRuntime
import CairnWire
import Testing

@testable import CairnCLI

/// A testnet of real processes, from its start over its accidents to its end.
@Suite struct TestnetTests {
    @Test func livesAndRecoversAndEnds() throws {
        try withTestnetAddresses { directory in
            let net = RealTestnet(directory: directory)
            defer { _ = net.run("purge") }
            let up = net.run("up --nodes 3 --seed 7")
            #expect(up.exit == .ok, "\(up.out)\(up.notes)")
            #expect(up.out.split(separator: "\n").last?.hasPrefix("RESULT ok ") ?? false)
            let first = try net.pids()
            try #require(first.count == 3)
            #expect(net.run("status").exit == .ok)

            // Again changes nothing; otherwise is refused.
            #expect(net.run("up").out.contains("all run already"))
            #expect(try net.pids() == first)
            #expect(net.run("up --nodes 4").error == "E403")
            #expect(net.run("up --seed 8").error == "E403")

            // A killed node and a halted one are shown, and brought back.
            #expect(net.run("fault kill n1").out == "killed n1\n")
            try net.waitUntilGone(first[1])
            #expect(net.run("fault pause n2").out == "paused n2\n")
            #expect(net.run("fault kill n1").error == "E1002")
            #expect(net.run("fault kill n1,n9").error == "E405")
            #expect(net.run("fault pause n0 n0").error == "E1001")
            let status = net.run("status --json")
            #expect(status.exit == .unhealthy)
            let nodes = try JSONReader.read(Array(status.out.utf8))["nodes"]?.array ?? []
            #expect(nodes.map { $0["state"]?.string } == ["up", "down", "paused"])
            // The kernel closes a killed process's sockets with its last thread; a call in between is cut off.
            var error = net.run("exec n1 -- status").error
            for _ in 0..<50 where error == "E102" { error = net.run("exec n1 -- status").error }
            #expect(error == "E101")
            #expect(net.run("heal").out == "resumed n2; started n1\n")
            #expect(net.run("heal").out == "nothing to heal\n")
            #expect(net.run("up").exit == .ok)
            let second = try net.pids()
            try #require(second.count == 3)
            #expect(second[0] == first[0] && second[1] != first[1] && second[2] == first[2])

            // A network that is cut is shown, and mended.
            #expect(net.run("fault partition n0/n1,n2").out == "cut n0 / n1 n2\n")
            #expect(net.run("fault delay n1 5ms").exit == .ok)
            #expect(net.run("fault loss").error == "E007")
            #expect(net.run("fault loss n1").error == "E1001")
            #expect(net.run("status").out.contains("fault  n1  cut off from n0 · delay 5ms\n"))
            #expect(net.run("heal").out == "mended n0 n1 n2\n")
            #expect(!net.run("status").out.contains("fault"))

            // Commands for one node, and its log.
            let report = net.run("exec n2 -- status --json")
            #expect(report.exit == .ok)
            #expect(try JSONReader.read(Array(report.out.utf8))["peers"]?["alive"]?.integer(Int.self) == 2)
            #expect(net.run("exec n9 -- status").error == "E405")
            #expect(net.run("exec n1 -- run").error == "E106", "a second node in one home")
            #expect(net.run("logs n0 --lines 100").out.split(separator: "\n").allSatisfy { $0.hasPrefix("n0  ") })

            try takesOverItsLevels(net, second[0])

            // Stopped by its own command, then all of them.
            #expect(net.run("exec n2 -- stop").exit == .ok)
            #expect(net.run("down").out == "n0  stopped\nn1  stopped\nn2  was down\n")
            for pid in second { try net.waitUntilGone(pid) }
            #expect(net.run("status").exit == .unhealthy)
            #expect(net.run("purge").exit == .ok)
            #expect(!Directory.exists(net.path))
            #expect(net.run("status").error == "E401")
        }
    }

    /// A running node takes over how much it logs, and nothing of a file that does not hold.
    private func takesOverItsLevels(_ net: RealTestnet, _ pid: Int32) throws {
        let file = joinPath(net.path, "n0/config.toml")
        let written = try TextFile.read(file)
        for (text, line) in [
            (
                written.replacing("[log]\n", with: "[log]\nlevel = \"info,p2p=debug\"\n"), "levels=\"info,p2p=debug\""
            ),
            ("[log]\nlevel = \"loud\"\n", "nothing of it is taken"),
        ] {
            try TextFile.replace(file, text)
            ProcessIdentity(pid: pid)?.signal(.reload)
            let deadline = Clock.monotonic() + .seconds(30)
            while !net.run("logs n0 --lines 200").out.contains(line), Clock.monotonic() < deadline {}
            #expect(net.run("logs n0 --lines 200").out.contains(line))
        }
        try TextFile.replace(file, written)
    }

    @Test func `a node that nobody can dial is told so by the others, calls them, and follows the chain`() throws {
        try withTestnetAddresses { directory in
            let net = RealTestnet(directory: directory)
            defer { _ = net.run("purge") }
            #expect(net.run("up --nodes 4 --seed 9").exit == .ok)
            let open = try net.ask("exec n1 -- net check --json", until: { $0["state"]?.string != "unknown" })
            #expect(open["state"]?.string == "reachable" && open["address"] == open["listen"])
            #expect(open["port_mapping"]?["why"]?.string == "loopback", "no router is asked from there")

            let pid = try net.pids()[3]
            #expect(net.run("fault kill n3").out == "killed n3\n")
            try net.waitUntilGone(pid)
            let file = joinPath(net.path, "n3/config.toml")
            let text = try TextFile.read(file)
            try #require(text.contains("[p2p]\n"))
            try TextFile.replace(file, text.replacing("[p2p]\n", with: "[p2p]\ninbound = \"off\"\n"))
            let heal = net.run("heal")
            #expect(heal.exit == .ok, "\(heal.out)\(heal.notes)")
            let hidden = try net.ask("exec n3 -- net check --json", until: { $0["state"]?.string != "unknown" })
            #expect(hidden["state"]?.string == "unreachable" && hidden["reached"]?.integer(Int.self) == 0)
            #expect(net.run("exec n3 -- net check").exit == .unhealthy)
            #expect(net.run("exec n3 -- status").out.contains("not reachable from outside: 0/"))
            #expect(net.run("exec n3 -- doctor").out.contains("WARN   reach"))

            // It has caught up, and goes on with the others.
            let head = try #require(try net.ask("exec n0 -- status --json", until: { _ in true })["chain"]?["height"])
            _ = try net.ask(
                "exec n3 -- status --json",
                until: {
                    $0["chain"]?["height"]?.integer(UInt64.self) ?? 0 > (head.integer(UInt64.self) ?? 0) + 5
                })
            // Invitations name those that can be dialled.
            let code = net.run("exec n3 -- net invite --json").out
            #expect(!code.contains(hidden["listen"]?.string ?? "?") && code.contains("127."))
        }
    }

    @Test func aNodeThatEndsShowsItsLastWords() throws {
        try withTestnetAddresses { directory in
            let net = RealTestnet(directory: directory)
            defer { _ = net.run("purge") }
            // On networks that no planned testnet of the other tests takes.
            let nodes = (0..<2).map { index in
                let address = TestnetManifest.address(of: 200 + index)
                return TestnetManifest.Node(
                    name: "n\(index)", listen: Endpoint(address, port: 7470), api: Endpoint(address, port: 7471))
            }
            let manifest = TestnetManifest(name: "local", seed: 1, nodes: nodes)
            try Directory.make(joinPath(net.path, "n1"))
            try TextFile.create(joinPath(net.path, TestnetManifest.fileName), manifest.text)
            try TextFile.create(joinPath(net.path, "n1/config.toml"), "[p2p]\nlisen = \"127.0.0.1:1\"\n")
            let up = net.run("up")
            #expect(up.error == "E404", "\(up.out)\(up.notes)")
            #expect(up.exit == .failed)
            #expect(up.out.split(separator: "\n").last?.hasPrefix("RESULT failed ") ?? false)
            #expect(up.notes.contains("node n1 ended"))
            #expect(up.notes.contains("there is no setting \"p2p.lisen\""))
        }
    }

    @Test func onlyATestnetIsPurged() throws {
        try withTemporaryDirectory { directory in
            let net = RealTestnet(directory: directory)
            try Directory.make(net.path)
            try TextFile.create(joinPath(net.path, "letter"), "dear")
            #expect(net.run("purge").error == "E401")
            #expect(try TextFile.read(joinPath(net.path, "letter")) == "dear")
            // A damaged manifest is no reason to keep it.
            try TextFile.create(joinPath(net.path, TestnetManifest.fileName), "nonsense")
            #expect(net.run("status").error == "E402")
            #expect(net.run("up").error == "E402")
            #expect(net.run("purge").exit == .ok)
            #expect(!Directory.exists(net.path))
        }
    }
}

/// Runs `cairn testnet` commands here; the nodes are processes of the program that was built beside the tests.
private struct RealTestnet {
    let directory: String
    var path: String { joinPath(directory, "net") }

    private var program: String { joinPath(parent(of: Surroundings.ofProcess.program), "cairn") }

    func run(_ line: String) -> TestRun {
        let words = line.split(separator: " ").map(String.init)
        let verb = words.prefix(1)
        return TestRun(
            ["testnet"] + verb + ["--dir", path] + words.dropFirst(), environment: ["PATH": "/usr/bin:/bin"],
            directory: directory, program: program)
    }

    /// Asks until the document is as wanted.
    func ask(_ line: String, until isWanted: (JSON) -> Bool) throws -> JSON {
        let deadline = Clock.monotonic() + .seconds(60)
        while true {
            let document = try JSONReader.read(Array(run(line).out.utf8))
            if isWanted(document) { return document }
            try #require(Clock.monotonic() < deadline, "\(document.text)")
        }
    }

    func pids() throws -> [Int32] {
        let status = run("status --json")
        let nodes = try #require(try JSONReader.read(Array(status.out.utf8))["nodes"]?.array)
        return nodes.compactMap { $0["pid"]?.integer() }
    }

    func waitUntilGone(_ pid: Int32) throws {
        guard let process = ProcessIdentity(pid: pid) else { return }
        #expect(process.waitForEnd(until: Clock.monotonic() + .seconds(20)))
        process.reap()
    }
}
