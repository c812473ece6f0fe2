import CairnBase

/// A flag as the table, the parser and the documents see it.
struct FlagDeclaration: Sendable {
    /// Without the dashes.
    let name: String
    var short: Character?
    let value: ValueKind
    let summary: String
    /// May be given more than once.
    var repeats = false

    /// `--nodes N`, `--watch[=2s]`, `-q, --quiet`.
    var usage: String {
        let long =
            switch value {
            case .none: "--\(name)"
            case .optionalSpan(let placeholder, _): "--\(name)[=\(placeholder)]"
            default: "--\(name) \(value.placeholder ?? "")"
            }
        return short.map { "-\($0), \(long)" } ?? long
    }
}

/// A flag as its command sees it: the declaration and the type of what it gives.
struct Flag<Result: Sendable>: Sendable {
    let declaration: FlagDeclaration
    let result: @Sendable (Value) -> Result?
}

extension Flag where Result == Bool {
    static func switched(_ name: String, short: Character? = nil, _ summary: String) -> Flag {
        Flag(declaration: FlagDeclaration(name: name, short: short, value: .none, summary: summary)) { $0 == .on }
    }
}

extension Flag where Result == String {
    static func text(_ name: String, _ placeholder: String, _ summary: String, repeats: Bool = false) -> Flag {
        string(FlagDeclaration(name: name, value: .text(placeholder), summary: summary, repeats: repeats))
    }

    static func label(_ name: String, _ summary: String) -> Flag {
        string(FlagDeclaration(name: name, value: .label("NAME"), summary: summary))
    }

    static func path(_ name: String, _ placeholder: String, _ summary: String) -> Flag {
        string(FlagDeclaration(name: name, value: .path(placeholder), summary: summary))
    }

    static func choice(_ name: String, _ words: [String], _ summary: String) -> Flag {
        string(FlagDeclaration(name: name, value: .choice(words), summary: summary))
    }

    private static func string(_ declaration: FlagDeclaration) -> Flag {
        Flag(declaration: declaration) { value in
            if case .text(let text) = value { text } else { nil }
        }
    }
}

extension Flag where Result == UInt64 {
    static func integer(
        _ name: String, _ placeholder: String, in range: ClosedRange<UInt64>, _ summary: String
    ) -> Flag {
        Flag(declaration: FlagDeclaration(name: name, value: .integer(placeholder, range), summary: summary)) { value in
            if case .integer(let number) = value { number } else { nil }
        }
    }
}

extension Flag where Result == TimeSpan {
    /// Of every command that can go on showing what it shows.
    static let watch = optionalSpan("watch", short: "w", preset: .seconds(2), "Show it again and again")

    static func span(_ name: String, _ placeholder: String, _ summary: String) -> Flag {
        span(FlagDeclaration(name: name, value: .span(placeholder), summary: summary))
    }

    static func optionalSpan(_ name: String, short: Character, preset: TimeSpan, _ summary: String) -> Flag {
        span(
            FlagDeclaration(
                name: name, short: short, value: .optionalSpan(preset.plain, preset: preset), summary: summary))
    }

    private static func span(_ declaration: FlagDeclaration) -> Flag {
        Flag(declaration: declaration) { value in
            if case .span(let span) = value { span } else { nil }
        }
    }
}

/// Flags every command takes, before or after its name.
enum GlobalFlags {
    static let home = Flag.path("home", "DIR", "The home of the node: keys, configuration, data")
    static let network = Flag.text("network", "NAME", "The network: of a new home, or to choose among running nodes")
    static let node = Flag.text(
        "node", "NAME|URL|SOCKET", "A running node, by its name, its three words, its API or its control socket")
    static let json = Flag.switched("json", "Print one JSON document instead of text")
    static let quiet = Flag.switched("quiet", short: "q", "Print results only, no notes or progress")
    static let verbose = Flag.switched("verbose", short: "v", "Print full ids and more detail")
    static let color = Flag.choice("color", ["auto", "always", "never"], "When to colour; auto asks the terminal")
    static let noInput = Flag.switched("no-input", "Never ask; fail where an answer would be needed")
    static let yes = Flag.switched("yes", short: "y", "Answer yes to every question")
    static let timeout = Flag.span("timeout", "10s", "How long to wait for a node to answer")
    static let help = Flag.switched("help", short: "h", "Show help: -h in short, --help in full")
    static let version = Flag.switched("version", "Print the version")

    static let all = [
        home.declaration, network.declaration, node.declaration, json.declaration, quiet.declaration,
        verbose.declaration, color.declaration, noInput.declaration, yes.declaration, timeout.declaration,
        help.declaration, version.declaration,
    ]
}
