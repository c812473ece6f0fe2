import CairnBase
import CairnCrypto
import CairnRuntime
import CairnStore
import CairnWire
import Glibc
import SampleChains
import Testing

@testable import CairnCLI

/// What an operator asks at three in the morning: doctor, config, top, bundle.
@Suite struct OperatingTests {
    private func withHome(_ body: (_ home: String, _ run: (String) -> TestRun) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            func run(_ line: String) -> TestRun {
                TestRun(line.split(separator: " ").map(String.init) + ["--home", home], directory: directory)
            }
            #expect(run("init --dev --listen 127.0.0.1:0 --api 127.0.0.1:0").exit == .ok)
            try body(home, run)
        }
    }

    private func states(_ run: TestRun) throws -> [String: String] {
        let findings = try JSONReader.read(Array(run.out.utf8))["findings"]?.array ?? []
        return Dictionary(
            findings.map { ($0["subject"]?.string ?? "", $0["state"]?.string ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func doctorNamesWhatIsWrong() throws {
        try withHome { home, run in
            let fresh = run("doctor --json")
            #expect(fresh.exit == .ok, "\(fresh.out)")
            let first = try states(fresh)
            #expect(
                first["home"] == "ok" && first["config"] == "ok" && first["key node"] == "ok" && first["sync"] == "ok")
            #expect(first["genesis"] == "warn" && first["node"] == "warn" && first["p2p"] == "ok")
            // A founder without its log is warned; with the log that a genesis makes it is not.
            #expect(run("net genesis new \(home)/mine.json --network local --founder \(home)").exit == .ok)
            try TextFile.replace(home + "/genesis.json", TextFile.read(home + "/mine.json"))
            #expect(try states(run("doctor --json"))["sign log"] == "warn")
            #expect(unlink(home + "/genesis.json") == 0)
            #expect(run("net genesis place \(home)/mine.json").exit == .ok)
            #expect(try states(run("doctor --json"))["sign log"] == "ok")
            #expect(chmod(home + "/node.key", 0o644) == 0)
            let exposed = run("doctor --json")
            #expect(exposed.exit == .unhealthy)
            #expect(try states(exposed)["key node"] == "fail")
            #expect(run("doctor").out.contains("do  chmod 600 "))
            #expect(chmod(home + "/node.key", 0o600) == 0)
            try TextFile.replace(home + "/config.toml", "[p2p]\nlissten = \"x\"\n")
            let misspelt = run("doctor --json")
            #expect(try misspelt.exit == .unhealthy && states(misspelt)["config"] == "fail")
            try TextFile.replace(home + "/config.toml", "")
            try TextFile.replace(home + "/genesis.json", "{}")
            #expect(try states(run("doctor --json"))["genesis"] == "fail")
            #expect(!Directory.names(home).contains { $0.hasPrefix(".doctor") })
        }
    }

    @Test func configSaysWhoSaidWhat() throws {
        try withHome { home, run in
            let shown = TestRun(
                ["config", "--json", "--home", home], environment: ["CAIRN_LOG_LEVEL": "warn"], directory: home)
            let settings = try JSONReader.read(Array(shown.out.utf8))["settings"]?.array ?? []
            #expect(settings.count == Setting.all.count)
            func origin(_ name: String) -> String? { settings.first { $0["name"]?.string == name }?["origin"]?.string }
            #expect(origin("log.level") == "$CAIRN_LOG_LEVEL")
            #expect(origin("p2p.listen")?.hasPrefix("\(home)/config.toml:") == true)
            #expect(origin("log.format") == "preset")
            #expect(run("config check").exit == .ok && run("config check -q").out.isEmpty)
            try TextFile.replace(home + "/config.toml", "[api]\nlisten = \"0.0.0.0:7471\"\n")
            let open = run("config check")
            #expect(open.exit == .usage && open.error == "E213" && open.notes.contains("api.token_file"))
        }
    }

    @Test func theNodeIsAsked() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            #expect(TestRun(["init", "--dev", "--home", home], directory: directory).exit == .ok)
            let node = try LiveNode(home: home, genesis: RewardedChain(in: ChainStore(directory: home)).genesis)
            func run(_ line: String) throws -> JSON {
                let run = TestRun(
                    line.split(separator: " ").map(String.init) + ["--json", "--home", home], directory: directory)
                #expect(run.exit == .ok || run.exit == .unhealthy, "\(line): \(run.notes)")
                return try JSONReader.read(Array(run.out.utf8))
            }
            let top = try run("top --once --interval 1ms")
            #expect(
                top["schema"]?.string == "cairn.top/1" && top["height"]?.integer(UInt64.self) == RewardedChain.height)
            #expect(top["memory_bytes"]?.integer(UInt64.self) ?? 0 > 1 << 20)
            let log = try run("logs --lines 1")
            #expect(log["schema"]?.string == "cairn.logs/1" && log["line"]?.string?.contains("INFO") == true)
            let doctor = try run("doctor")
            #expect(doctor["schema"]?.string == "cairn.doctor/1")
            let subjects = (doctor["findings"]?.array ?? []).compactMap { $0["subject"]?.string }
            // A node that runs has the addresses itself.
            #expect(subjects.contains("consensus") && subjects.contains("version") && !subjects.contains("p2p"))
            let bundle = try run("bundle \(directory)/b.tar")
            #expect(bundle["schema"]?.string == "cairn.bundle/1" && bundle["contents"]?.array?.count == 9)
            #expect(TestRun(["bundle", directory + "/b.tar", "--home", home], directory: directory).exit == .conflict)
            #expect(
                TestRun(["top", "--once", "--interval", "1ms", "--home", home], directory: directory).out.contains(
                    "\nheight "))
            try node.stop()
        }
    }

    @Test func aTarIsReadByTar() throws {
        try withTemporaryDirectory { directory in
            var archive = TarArchive(time: 1_700_000_000)
            let files = [("a/empty", 0), ("a/one", 1), ("a/full", 512), ("a/more", 513)]
            for (name, count) in files {
                archive.add(name, (0..<count).map { UInt8(truncatingIfNeeded: $0) })
            }
            #expect(archive.finished.count == 512 * (4 + 0 + 1 + 1 + 2 + 2))
            let path = directory + "/x.tar"
            try TextFile.create(path, archive.finished)
            #expect(system("cd '\(directory)' && tar xf x.tar") == 0)
            for (name, count) in files {
                #expect(
                    try SmallFile.read("\(directory)/\(name)", limit: 1_024)
                        == (0..<count).map { UInt8(truncatingIfNeeded: $0) })
            }
        }
    }

    @Test func barsAndRates() {
        #expect(Sparkline.text([0, 1, 2, 4, 8]) == "▁▁▂▄█")
        #expect(Sparkline.text([0, 50, 100, 200], full: 100, plain: true) == "_:##")
        #expect(Sparkline.text([], plain: true) == "" && Sparkline.text([0, 0]) == "▁▁")
        #expect(Sparkline.text([.max, .max / 2]).count == 2)
        func metrics(_ height: UInt64, _ cpu: UInt64) -> MetricsText {
            MetricsText(
                "# HELP x y\ncairn_consensus_height \(height)\ncairn_consensus_heights 7\nprocess_cpu_milliseconds_total \(cpu)\n"
                    + "cairn_p2p_peers{state=\"alive\"} 3\ncairn_p2p_peers{state=\"dead\"} 2\n")
        }
        var history = TopHistory()
        history.add(metrics(10, 100), at: Instant(nanoseconds: 0))
        #expect(history.rates.isEmpty)
        history.add(metrics(14, 300), at: Instant(nanoseconds: 2_000_000_000))
        #expect(history.rates.last?.blocks == 2_000 && history.rates.last?.cpu == 100 && history.rates.last?.peers == 3)
        // A node that started anew.
        history.add(metrics(3, 10), at: Instant(nanoseconds: 3_000_000_000))
        #expect(history.rates.last?.blocks == 3_000 && history.rates.last?.height == 3)
        for second in UInt64(4)...100 { history.add(metrics(3, 10), at: Instant(nanoseconds: second * 1_000_000_000)) }
        #expect(history.rates.count == TopHistory.capacity)
    }
}

/// Secrets stay where they are.
@Suite struct SecrecyTests {
    /// The ways in which thirty-two bytes might be written.
    private func spellings(_ secret: [UInt8]) -> [String] {
        [hex(secret), hex(secret).uppercased(), Base64.encode(secret), String(Base64.encode(secret).dropLast(2))]
    }

    @Test func nothingSecretIsToldByTheNodeOrTheBundle() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            #expect(TestRun(["init", "--dev", "--home", home], directory: directory).exit == .ok)
            let genesis = try RewardedChain(in: ChainStore(directory: home)).genesis
            let secret = "sesame-0123456789abcdefgh"
            try TextFile.create(home + "/token", secret + "\n", mode: 0o600)
            let node = try LiveNode(home: home, genesis: genesis, token: AccessToken(secret))
            let client = HTTPClient(.local(path: node.socket))
            // An open development key is the seed itself: whatever stands in the key files must stand nowhere else.
            var secrets = [secret] + spellings([UInt8](repeating: 9, count: 32))
            for name in Home(path: home).keyNames {
                let file = try SmallFile.read(Home(path: home).keyFile(name), limit: 4_096)
                for start in 0...max(0, file.count - 32) {
                    let window = Array(file[start..<min(file.count, start + 32)])
                    // What repeats itself is no key.
                    if Set(window).count > 20 { secrets += spellings(window) }
                }
            }
            #expect(secrets.count >= 100)
            var told: [(String, String)] = []
            for path in try JSONReader.read(try client.get("/openapi.json").body)["paths"]?.object ?? []
            where path.value["get"] != nil && path.key != "/v1/events" && !path.key.contains("{") {
                told.append((path.key, String(decoding: try client.get(path.key).body, as: UTF8.self)))
            }
            #expect(told.count >= 20)
            #expect(told.first { $0.0 == "/v1/logs" }?.1.contains("started") == true)
            let bundle = TestRun(["bundle", directory + "/b.tar", "--home", home], directory: directory)
            #expect(bundle.exit == .ok, "\(bundle.notes)")
            let archive = String(decoding: try SmallFile.read(directory + "/b.tar", limit: 4 << 20), as: UTF8.self)
            #expect(archive.contains("cairn-bundle/log.json"))
            told.append(("bundle", archive))
            try node.stop()
            let publicKeys = Home(path: home).keyNames.map { name in
                TestRun(["keys", "show", name, "--json", "--home", home], directory: directory).out
            }.joined()
            for (place, text) in told {
                for secret in secrets where !publicKeys.contains(secret) {
                    #expect(!text.contains(secret), "\(place) tells a secret")
                }
            }
        }
    }

    /// Every process of the machine can read the arguments of another.
    @Test func noFlagTakesASecretItself() {
        for command in CommandTable.cairn.commands {
            for flag in command.flags + GlobalFlags.all {
                let isSecret = ["passphrase", "password", "secret", "token", "phrase", "mnemonic"].contains {
                    flag.name.contains($0)
                }
                guard isSecret else { continue }
                let takesText = if case .text = flag.value { true } else { false }
                #expect(!takesText, "cairn \(command.name) --\(flag.name)")
            }
            let names = command.arguments.map { $0.name.lowercased() }
            #expect(!names.contains { ["passphrase", "secret", "token", "seed", "phrase"].contains($0) })
        }
    }
}
