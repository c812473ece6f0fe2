import CairnBase
import CairnConsensus
import CairnRuntime
import CairnWire

/// One thing that can be configured: its place in the file, how it is checked, what it means.
struct Setting: Sendable {
    let section: String
    let key: String
    /// As it is written in the file.
    let preset: String
    /// Sentences for the file and the help: what it is, in which form.
    let summary: [String]
    var isList = false
    let read: @Sendable (inout Config, [String]) throws(ValueKind.Refusal) -> Void

    /// `p2p.listen`
    var name: String { "\(section).\(key)" }
    /// `CAIRN_P2P_LISTEN`
    var variable: String { "CAIRN_\(section)_\(key)".uppercased() }
    var wanted: String { isList ? "a list of strings" : "a string" }

    /// The words of a value from a file, when it is of the right kind.
    func words(_ value: TOML.Value) -> [String]? {
        switch value {
        case .string(let text) where !isList: return [text]
        case .array(let items) where isList:
            let words = items.compactMap { item in if case .string(let text) = item { text } else { nil } }
            return words.count == items.count ? words : nil
        default: return nil
        }
    }

    /// Words as a value in a file.
    func written(_ words: [String]) -> String {
        let texts = words.map { JSON.string($0).text }
        return isList ? "[\(texts.joined(separator: ", "))]" : texts.first ?? "\"\""
    }

    static let all = [
        nodeName, nodeNetwork, p2pListen, p2pInbound, p2pPortMapping, p2pPeers, p2pSeeds, chainBegin, chainCheckpoint,
        chainSnapshots, chainKeepBlocks, chainKeepReceipts,
        apiListen, apiTokenFile, radioListen, radioGateway, storageCapacity, storageDirectory, storageSealed,
        logLevel, logFormat,
        testFaults,
    ]
}

// MARK: The settings

extension Setting {
    static let nodeName = Setting(
        section: "node", key: "name", preset: "\"\"",
        summary: [
            "What this node is called on this machine; `cairn --node NAME` finds it. At most 32 letters, digits, - and _.",
            "Empty: the three words that its key gives it.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.name = nil }
            config.name = try label(word)
        })

    static let nodeNetwork = Setting(
        section: "node", key: "network", preset: "\"local\"",
        summary: ["The name of the network this node is part of. At most 32 letters, digits, - and _."],
        read: { config, words throws(ValueKind.Refusal) in config.network = try label(words.first ?? "") })

    static let p2pListen = Setting(
        section: "p2p", key: "listen", preset: "\"0.0.0.0:7470\"",
        summary: ["Where other nodes reach this one: an address and a port. 0.0.0.0 means every interface."],
        read: { config, words throws(ValueKind.Refusal) in config.listen = try endpoint(words.first ?? "") })

    static let p2pInbound = Setting(
        section: "p2p", key: "inbound", preset: "\"on\"",
        summary: [
            "off: no connection of another node is taken, and others are not told to dial this one; it dials them, and follows the chain."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            config.isOutboundOnly = try !isOn(words)
        })

    static let p2pPortMapping = Setting(
        section: "p2p", key: "port_mapping", preset: "\"auto\"",
        summary: [
            "auto: where this node listens in a private network, its router is asked to pass on what comes to the port: by NAT-PMP,",
            "or by UPnP where libminiupnpc is installed. Never from or to a public or loopback address. off: nobody is asked.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            _ = try ValueKind.choice(["auto", "off"]).read(words.first ?? "")
            config.mapsPort = words.first == "auto"
        })

    static let p2pPeers = Setting(
        section: "p2p", key: "peers", preset: "[]",
        summary: ["Nodes to greet first, each an address and a port: [\"203.0.113.7:7470\"]."],
        isList: true,
        read: { config, words throws(ValueKind.Refusal) in
            guard words.count <= peerLimit else { throw .init(reason: "too long: at most \(peerLimit)") }
            var peers: [Endpoint] = []
            for word in words {
                let peer = try endpoint(word)
                guard peer.port != 0, !peer.address.isUnspecified else {
                    throw .init(reason: "not an address to send to")
                }
                peers.append(peer)
            }
            config.peers = peers
        })

    static let p2pSeeds = Setting(
        section: "p2p", key: "seeds", preset: "[]",
        summary: [
            "Names that list peers as DNS texts under _dnsaddr.NAME, asked while this node knows fewer than four: [\"seed.example.org\"].",
            "Name ones of different owners: each has the same say.",
        ],
        isList: true,
        read: { config, words throws(ValueKind.Refusal) in
            let most = NodeConfiguration.mostSeeds
            guard words.count <= most else { throw .init(reason: "too long: at most \(most)") }
            var seeds: [DNSName] = []
            for word in words {
                guard let name = NodeConfiguration.seed(word) else { throw .init(reason: "not a host name") }
                seeds.append(name)
            }
            config.seeds = seeds
        })

    static let chainBegin = Setting(
        section: "chain", key: "begin", preset: "\"blocks\"",
        summary: [
            "What a new home begins its chain with: \"blocks\" runs every block since genesis, \"snapshot\" takes over a state that",
            "peers hand out and the chain's own headers prove, \"auto\" does so where that saves thousands of blocks and whoever",
            "is trusted for it still has stake to lose.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            switch words.first {
            case "auto": config.snapshot = SnapshotWish(blocks: 4_096, isVouchedFor: false)
            case "blocks": config.snapshot = nil
            case "snapshot": config.snapshot = SnapshotWish(blocks: 1, isVouchedFor: true)
            default: throw .init(reason: "not auto, blocks or snapshot")
            }
        })

    static let chainCheckpoint = Setting(
        section: "chain", key: "checkpoint", preset: "\"\"",
        summary: [
            "Whom this home trusts: an epoch and the hash of its committee, EPOCH:HASH, as cairn chain status shows it on a node that",
            "you trust. The node believes no chain that has another committee then. Without it, the founders in the genesis.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.checkpoint = nil }
            config.checkpoint = try LightClient.Checkpoint(words: word)
        })

    static let chainSnapshots = Setting(
        section: "chain", key: "snapshots", preset: "\"on\"",
        summary: [
            "Whether the state at the end of each epoch is kept for others to begin with, in snapshots/ in the home, the newest",
            "three: \"on\" or \"off\".",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, ["on", "off"].contains(word) else { throw .init(reason: "not on or off") }
            config.makesSnapshots = word == "on"
        })

    static let chainKeepBlocks = Setting(
        section: "chain", key: "keep_blocks", preset: "\"all\"",
        summary: [
            "For how many epochs blocks are kept: \"all\", or a number from 3 on. The last block of each epoch always stays, so",
            "others can follow the committees; who wants every block since genesis needs a node that keeps all.",
        ],
        read: { config, words throws(ValueKind.Refusal) in config.keptEpochs.blocks = try epochs(words.first ?? "") })

    static let chainKeepReceipts = Setting(
        section: "chain", key: "keep_receipts", preset: "\"all\"",
        summary: [
            "For how many epochs it is kept what each transaction and verdict came to: \"all\", or a number from 3 on."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            config.keptEpochs.receipts = try epochs(words.first ?? "")
        })

    private static func epochs(_ word: String) throws(ValueKind.Refusal) -> UInt64? {
        if word == "all" { return nil }
        guard let epochs = UInt64(word), epochs >= ChainConfiguration.keptEpochsMin else {
            throw .init(reason: "not \"all\" or a number of epochs from \(ChainConfiguration.keptEpochsMin) on")
        }
        return epochs
    }

    static let apiListen = Setting(
        section: "api", key: "listen", preset: "\"127.0.0.1:7471\"",
        summary: [
            "Where programs ask this node over HTTP. An address that is not a loopback address takes api.token_file."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            config.api = try endpoint(words.first ?? "")
        })

    static let apiTokenFile = Setting(
        section: "api", key: "token_file", preset: "\"\"",
        summary: [
            "A file with the token that programs must show, at least 24 characters on one line, readable by its owner alone.",
            "Empty: no token is asked for, and api.listen must be a loopback address.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.tokenFile = nil }
            guard word.hasPrefix("/") else { throw .init(reason: "not a path from the root on") }
            config.tokenFile = word
        })

    static let radioListen = Setting(
        section: "radio", key: "listen", preset: "\"127.0.0.1:1680\"",
        summary: [
            "Where the packet forwarder of this node's gateway sends to. The protocol has no protection of its own:",
            "a loopback address, or one of a network that you trust.",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            config.radio = try endpoint(words.first ?? "")
        })

    static let radioGateway = Setting(
        section: "radio", key: "gateway", preset: "\"\"",
        summary: [
            "The hardware number (EUI) of the gateway: 16 hexadecimal digits. Empty: this node has no radio."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            guard let word = words.first, !word.isEmpty else { return config.gateway = nil }
            guard word.utf8.count == 16, let eui = UInt64(word, radix: 16) else {
                throw .init(reason: "not 16 hexadecimal digits")
            }
            config.gateway = eui
        })

    static let logLevel = Setting(
        section: "log", key: "level", preset: "\"info\"",
        summary: [
            "How much is logged to standard error: trace, debug, info, warn, error or off,",
            "and exceptions for parts of the node: \"info,p2p=debug\".",
        ],
        read: { config, words throws(ValueKind.Refusal) in
            do throws(LogFilterError) {
                config.logLevel = try LogFilter(parsing: words.first ?? "")
            } catch {
                switch error {
                case .unknownLevel(let name):
                    throw .init(reason: "not a level", nearest: nearest(to: name, in: LogLevel.allCases.map(\.name)))
                case .malformed: throw .init(reason: "not of the form level,part=level")
                }
            }
        })

    static let logFormat = Setting(
        section: "log", key: "format", preset: "\"text\"",
        summary: ["How log lines look: text for people, json for programs."],
        read: { config, words throws(ValueKind.Refusal) in
            guard let format = LogFormat(rawValue: words.first ?? "") else {
                throw .init(
                    reason: "none of text, json", nearest: nearest(to: words.first ?? "", in: ["text", "json"]))
            }
            config.logFormat = format
        })

    static let testFaults = Setting(
        section: "test", key: "faults", preset: "\"off\"",
        summary: [
            "on: the owner of this node may break its network on purpose, as `cairn testnet fault` does. Never on the network main."
        ],
        read: { config, words throws(ValueKind.Refusal) in
            config.takesFaults = try isOn(words)
        })

    private static func isOn(_ words: [String]) throws(ValueKind.Refusal) -> Bool {
        _ = try ValueKind.choice(["on", "off"]).read(words.first ?? "")
        return words.first == "on"
    }

    /// More first peers than this help nobody.
    private static let peerLimit = 128

    private static func endpoint(_ text: String) throws(ValueKind.Refusal) -> Endpoint {
        guard let endpoint = Endpoint(text) else {
            throw .init(reason: "not an address and port such as 127.0.0.1:7470 or [::1]:7470")
        }
        return endpoint
    }

    private static func label(_ text: String) throws(ValueKind.Refusal) -> String {
        _ = try ValueKind.label("NAME").read(text)
        return text
    }
}

/// Names that people give and that turn up in paths and tables.
func isLabel(_ text: String) -> Bool {
    (1...32).contains(text.utf8.count) && text.utf8.allSatisfy(isLabelByte)
}

func isLabelByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
    default: false
    }
}
