import CairnBase
import CairnRuntime
import Testing

@testable import CairnCLI

@Suite struct ConfigTests {
    private func config(_ text: String, environment: [String: String] = [:]) throws(Failure) -> Config {
        var config = Config()
        try config.take(file: "c.toml", text: text)
        try config.take(environment: environment)
        return config
    }

    @Test func theAnnotatedFileSetsNothing() throws {
        let config = try config(Config.annotated())
        #expect(Setting.all.allSatisfy { config.origin(of: $0) == nil })
        #expect(config.listen == Config().listen)
    }

    @Test func everyPresetIsWhatANodeRunsWith() throws {
        // Taking the # away must change nothing but who said it.
        let text = Config.annotated().split(separator: "\n").map { line in
            Setting.all.contains { line.hasPrefix("# \($0.key) = ") } ? line.dropFirst(2) : line
        }.joined(separator: "\n")
        let config = try config(text)
        #expect(Setting.all.allSatisfy { config.origin(of: $0) != nil })
        #expect(config.listen == Config().listen)
        #expect(config.api == Config().api)
        #expect(config.name == nil && config.network == Config().network)
        #expect(config.snapshot == nil && config.checkpoint == nil && config.makesSnapshots)
        #expect(config.storageCapacity == nil && config.storageDirectory == nil)
        #expect(config.keptEpochs.blocks == nil && config.keptEpochs.receipts == nil)
        #expect(config.peers.isEmpty && config.logLevel == Config().logLevel && config.logFormat == .text)
    }

    @Test(
        arguments: [
            ("1MiB", 1 << 20), ("500GiB", 500 << 30), ("2TiB", 2 << 40), ("16777215TiB", 0xff_ffff << 40),
            ("16777216TiB", nil), ("", nil), ("7", nil), ("GiB", nil), ("1 GiB", nil), ("-1GiB", nil), ("1gib", nil),
        ] as [(String, UInt64?)])
    func sizesAreWholeNumbersAndAUnit(text: String, count: UInt64?) {
        #expect(byteCount(text) == count)
    }

    @Test func writtenValuesReadBack() throws {
        let checkpoint = "12:" + String(repeating: "5c", count: 32)
        let values = [
            "node.name": ["n1"], "p2p.listen": ["127.2.0.1:7480"], "p2p.peers": ["127.1.0.1:7470", "[::1]:7490"],
            "log.level": ["warn,p2p=debug"], "chain.begin": ["auto"], "chain.checkpoint": [checkpoint],
            "chain.snapshots": ["off"],
            "chain.keep_blocks": ["3"], "chain.keep_receipts": ["12"],
        ]
        let config = try config(Config.annotated(values))
        #expect(config.name == "n1")
        #expect(config.listen == Endpoint("127.2.0.1:7480"))
        #expect(config.peers.map(\.description) == ["127.1.0.1:7470", "[::1]:7490"])
        #expect(config.logLevel == LogFilter.parsed("warn,p2p=debug"))
        #expect(config.snapshot == SnapshotWish(blocks: 4_096, isVouchedFor: false) && !config.makesSnapshots)
        #expect(config.checkpoint?.words == checkpoint)
        #expect(config.keptEpochs.blocks == 3 && config.keptEpochs.receipts == 12)
    }

    @Test(arguments: ["12", "12:5c", "x:" + String(repeating: "5c", count: 32), ":", "-1:00"])
    func aCheckpointHasOneForm(text: String) {
        let refusal = #expect(throws: Failure.self) { try config("[chain]\ncheckpoint = \"\(text)\"") }
        #expect(refusal?.code == .configValue)
    }

    @Test func theNetworkMainIsNotBrokenOnPurpose() throws {
        let text = "[test]\nfaults = \"on\"\n[node]\nnetwork = "
        #expect(try config(text + "\"local\"").takesFaults)
        try config(text + "\"local\"").checkWhole()
        let refusal = #expect(throws: Failure.self) { try config(text + "\"main\"").checkWhole() }
        #expect(refusal?.code == .configValue)
    }

    @Test func theEnvironmentWinsOverTheFile() throws {
        let config = try config(
            "[p2p]\nlisten = \"127.0.0.1:1\"\n[log]\nformat = \"json\"",
            environment: ["CAIRN_P2P_LISTEN": "127.0.0.1:2", "CAIRN_P2P_PEERS": "127.0.0.1:3,127.0.0.1:4"])
        #expect(config.listen.port == 2)
        #expect(config.peers.map(\.port) == [3, 4])
        #expect(config.origin(of: .p2pListen)?.text == "$CAIRN_P2P_LISTEN")
        #expect(config.origin(of: .logFormat)?.text == "c.toml:4")
    }

    @Test(arguments: [
        ("[p2p]\nlisten 1", ErrorCode.configSyntax, "c.toml:2:8: an = belongs here"),
        (
            "[chain]\nkeep_blocks = \"2\"", .configValue,
            "c.toml:2: chain.keep_blocks \"2\" is not \"all\" or a number of epochs from 3 on"
        ),
        ("[p2p]\nlissten = \"x\"", .configUnknownKey, "c.toml:2: there is no setting \"p2p.lissten\""),
        ("name = \"x\"", .configUnknownKey, "c.toml:1: there is no setting \"name\""),
        ("[[node]]\nname = \"x\"", .configUnknownKey, "c.toml:2: there is no setting \"node.name\""),
        ("[p2p]\nlisten = 7470", .configValue, "c.toml:2: p2p.listen is a number, not a string"),
        ("[p2p]\npeers = \"127.0.0.1:1\"", .configValue, "c.toml:2: p2p.peers is a string, not a list of strings"),
        ("[p2p]\npeers = [1]", .configValue, "c.toml:2: p2p.peers is a list, not a list of strings"),
        (
            "[p2p]\npeers = [\"0.0.0.0:1\"]", .configValue,
            "c.toml:2: p2p.peers \"0.0.0.0:1\" is not an address to send to"
        ),
        (
            "[p2p]\nlisten = \"localhost:1\"", .configValue,
            "c.toml:2: p2p.listen \"localhost:1\" is not an address and port such as 127.0.0.1:7470 or [::1]:7470"
        ),
        (
            "[api]\ntoken_file = \"token\"", .configValue,
            "c.toml:2: api.token_file \"token\" is not a path from the root on"
        ),
        (
            "[storage]\ncapacity = \"5GB\"", .configValue,
            "c.toml:2: storage.capacity \"5GB\" is not a size such as 512MiB, 500GiB or 2TiB"
        ),
        (
            "[storage]\ndirectory = \"store\"", .configValue,
            "c.toml:2: storage.directory \"store\" is not a path from the root on"
        ),
        ("[log]\nlevel = \"inof\"", .configValue, "c.toml:2: log.level \"inof\" is not a level"),
        ("[log]\nformat = \"xml\"", .configValue, "c.toml:2: log.format \"xml\" is none of text, json"),
        ("[test]\nfaults = \"yes\"", .configValue, "c.toml:2: test.faults \"yes\" is none of on, off"),
        ("[node]\nname = \"a b\"", .configValue, "c.toml:2: node.name \"a b\" is not 1 to 32 letters, digits, - and _"),
    ])
    func whatIsWrongIsNamedWithItsLine(text: String, code: ErrorCode, message: String) {
        do {
            _ = try config(text)
            Issue.record("accepted: \(text)")
        } catch {
            #expect(error.code == code)
            #expect(error.message == message)
        }
    }

    @Test func aNearNameIsOffered() {
        do {
            _ = try config("[p2p]\nlissten = \"x\"")
        } catch {
            #expect(error.hints.first == Hint("p2p.listen", "is the nearest one"))
        }
    }
}

extension LogFilter {
    fileprivate static func parsed(_ text: String) -> LogFilter? { try? LogFilter(parsing: text) }
}
