import CairnBase
import CairnConsensus
import CairnRuntime
import CairnWire

/// What a node is told about where and how to run; every value also knows who said it.
///
/// A flag wins over the environment, the environment over `config.toml`, the file over the preset. All four speak of
/// the same settings (`Setting.all`), so there is one list of names and one check of each value.
struct Config: Sendable {
    var name: String?
    var network = "local"
    var listen = Endpoint(.any, port: 7470)
    var peers: [Endpoint] = []
    /// Names that list peers.
    var seeds: [DNSName] = []
    var api = Endpoint(.loopback, port: 7471)
    /// Where the token stands that programs show.
    var tokenFile: String?
    var radio = Endpoint(.loopback, port: 1680)
    /// The hardware number of this node's gateway.
    var gateway: UInt64?
    /// Bytes that this node keeps for others; nil where it keeps nothing.
    var storageCapacity: UInt64?
    /// Where; nil for the home's own place.
    var storageDirectory: String?
    /// Bytes that this node seals; nil where it seals nothing.
    var storageSealed: UInt64?
    /// Nil where a new home runs every block since genesis.
    var snapshot: SnapshotWish?
    var checkpoint: LightClient.Checkpoint?
    var makesSnapshots = true
    /// In epochs; nil for ever.
    var keptEpochs: (blocks: UInt64?, receipts: UInt64?) = (nil, nil)
    var logLevel = LogFilter(.info)
    var logFormat = LogFormat.text
    /// Whether it takes no connections of peers.
    var isOutboundOnly = false
    /// Whether the router is asked to pass on what comes to its port.
    var mapsPort = true
    /// Whether this node's network may be broken on purpose.
    var takesFaults = false
    private(set) var origins: [String: Origin] = [:]
    /// What was set, as it was written.
    private var words: [String: [String]] = [:]

    enum Origin: Sendable, Equatable {
        case file(String, line: Int)
        case environment(String)
        case flag(String)

        var text: String {
            switch self {
            case .file(let path, let line): "\(path):\(line)"
            case .environment(let name): "$\(name)"
            case .flag(let name): "--\(name)"
            }
        }
    }

    static let fileName = "config.toml"

    init() {}

    func origin(of setting: Setting) -> Origin? { origins[setting.name] }

    /// Takes one value from somewhere; whoever comes later wins.
    mutating func set(_ setting: Setting, _ words: [String], from origin: Origin) throws(Failure) {
        do throws(ValueKind.Refusal) {
            try setting.read(&self, words)
        } catch {
            let shown = words.map(quoted).joined(separator: ", ")
            throw Failure(
                .configValue, "\(origin.text): \(setting.name) \(shown) is \(error.reason)",
                hints: (error.nearest.map { [Hint($0, "is the nearest one")] } ?? [])
                    + [Hint("cairn help config", "shows every setting")])
        }
        origins[setting.name] = origin
        self.words[setting.name] = words
    }

    /// A setting's value as it would stand in the file.
    func written(_ setting: Setting) -> String { words[setting.name].map(setting.written) ?? setting.preset }

    mutating func take(environment: [String: String]) throws(Failure) {
        for setting in Setting.all {
            guard let text = environment[setting.variable] else { continue }
            let words = setting.isList ? text.split(separator: ",").map(String.init) : [text]
            try set(setting, words, from: .environment(setting.variable))
        }
    }
}

// MARK: The file

extension Config {
    /// What a home's file and the environment say.
    init(of home: Home, _ session: Session) throws(Failure) {
        guard fileExists(home.configFile) else {
            throw Failure(
                .homeNotFound, "\(home.path) is not a home of a node", tried: [Hint(home.configFile, "no such file")],
                do: Hint("cairn init --home \(shellWord(home.path))", "makes it one"))
        }
        self.init()
        let text = try TextFile.read(home.configFile, limit: Limits().files.config)
        try take(file: home.configFile, text: text)
        try take(environment: session.surroundings.environment)
    }

    /// Takes every value of a file; a key nobody reads is an error, because its writer believes that it works.
    mutating func take(file path: String, text: String) throws(Failure) {
        let document: TOML
        do throws(TOMLError) {
            document = try TOML(text)
        } catch {
            throw Failure(.configSyntax, "\(path):\(error.line):\(error.column): \(error.reason)")
        }
        for table in document.tables {
            for entry in table.entries {
                let name = (table.path + [entry.key]).joined(separator: ".")
                guard let setting = Setting.all.first(where: { $0.name == name }), !table.isElement else {
                    throw Self.unknown(name, "\(path):\(entry.line)")
                }
                guard let words = setting.words(entry.value) else {
                    throw Failure(
                        .configValue, "\(path):\(entry.line): \(name) is \(entry.value.kind), not \(setting.wanted)",
                        do: Hint("\(setting.key) = \(setting.preset)", "is how it is written"))
                }
                try set(setting, words, from: .file(path, line: entry.line))
            }
        }
    }

    private static func unknown(_ name: String, _ place: String) -> Failure {
        let close = nearest(to: name, in: Setting.all.map(\.name)).map { [Hint($0, "is the nearest one")] } ?? []
        return Failure(
            .configUnknownKey, "\(place): there is no setting \(quoted(name))",
            hints: close + [Hint("cairn help config", "shows every setting")])
    }

    /// A configuration file with every setting explained; those without a value of their own stand as comments.
    static func annotated(_ values: [String: [String]] = [:]) -> String {
        var text = """
            # Configuration of a cairn node. A line with a # in front shows the preset; take the # away to change it.
            # A variable of the environment wins over this file, a flag over both. `cairn help config` explains more.

            """
        var section = ""
        for setting in Setting.all {
            if setting.section != section {
                section = setting.section
                text += "\n[\(section)]\n"
            } else {
                text += "\n"
            }
            text += setting.summary.map { "# \($0)\n" }.joined() + "# Environment: \(setting.variable)\n"
            if let words = values[setting.name] {
                text += "\(setting.key) = \(setting.written(words))\n"
            } else {
                text += "# \(setting.key) = \(setting.preset)\n"
            }
        }
        return text
    }
}
