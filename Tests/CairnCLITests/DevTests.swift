import CairnBase
import CairnCrypto
import CairnRuntime
import CairnWire
import Testing

@testable import CairnCLI

/// `cairn dev` as its users meet it: a process that makes blocks, with keys that are worth something.
@Suite struct DevTests {
    private func start(_ words: [String], in directory: String) throws -> ProcessIdentity {
        try ChildProcess(
            program: joinPath(parent(of: Surroundings.ofProcess.program), "cairn"), arguments: ["dev"] + words,
            environment: ["PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": directory],
            output: joinPath(directory, "out"), log: joinPath(directory, "log")
        ).start()
    }

    /// Until the process says that it is ready.
    private func wait(for dev: ProcessIdentity, in directory: String) throws {
        let deadline = Clock.monotonic() + .seconds(20)
        while Clock.monotonic() < deadline, dev.isAlive {
            if try TextFile.read(joinPath(directory, "out")).contains("cairn ready ") { return }
            pause(.milliseconds(20))
        }
        Issue.record("not ready: \(try TextFile.read(joinPath(directory, "log")))")
    }

    private func end(_ dev: ProcessIdentity) {
        dev.signal(.terminate)
        #expect(dev.waitForEnd(until: Clock.monotonic() + .seconds(20)))
    }

    @Test func aChainOfOneNodeHasFundedKeysAndAFaucet() throws {
        try withTemporaryDirectory { directory in
            let home = joinPath(directory, "home")
            func run(_ words: String...) -> TestRun { TestRun(["--home", home] + words, directory: directory) }
            let dev = try start(["--home", home, "--seed", "7"], in: directory)
            defer { dev.signal(.kill) }
            try wait(for: dev, in: directory)
            let banner = try TextFile.read(joinPath(directory, "log"))
            #expect(banner.contains("seed    7\n"), "\(banner)")
            // The keys are those of the seed.
            let second = AccountIdentity(seed: HomeMaker.derivedSeed(7, 2, .account)).id.text
            #expect(banner.contains("dev2  "))
            #expect(run("wallet", "show", "--key", "dev2").out == second + "\n")
            #expect(run("wallet", "balance", second).out.hasPrefix("10000"))
            let sent = run("wallet", "send", second, "100", "--key", "dev1", "--wait")
            #expect(sent.exit == .ok, "\(sent.notes)")
            #expect(run("wallet", "balance", second).out.hasPrefix("10100"))
            #expect(TestRun(["dev", "--home", home, "--seed", "8"], directory: directory).error == "E205")
            end(dev)
            #expect(fileExists(joinPath(home, "chain.db")), "it was asked for a home, and stays")
        }
    }

    @Test func whatNobodyAskedToKeepIsGone() throws {
        try withTemporaryDirectory { directory in
            let dev = try start([], in: directory)
            defer { dev.signal(.kill) }
            try wait(for: dev, in: directory)
            let banner = try TextFile.read(joinPath(directory, "log"))
            let line = try #require(banner.split(separator: "\n").first { $0.hasPrefix("home ") })
            let home = try #require(line.split(separator: " ").last.map(String.init))
            #expect(fileExists(joinPath(home, "chain.db")))
            end(dev)
            #expect(!Directory.exists(home))
            #expect(try TextFile.read(joinPath(directory, "log")).contains("state discarded"))
        }
    }
}
