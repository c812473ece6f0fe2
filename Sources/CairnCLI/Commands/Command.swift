/// One thing the program can be told to do, as data.
///
/// The parser, both help forms, the manual page, the completions and the reference page are all made from these
/// values, so they cannot disagree with each other or with what runs.
struct Command: Sendable {
    /// The words that name it: `["keys", "new"]`.
    let path: [String]
    /// One line without a full stop.
    let summary: String
    /// Paragraphs for the full help.
    let text: [String]
    var arguments: [Argument] = []
    /// What may follow `--`, handed on untouched.
    var rest: Argument?
    var flags: [FlagDeclaration] = []
    /// Two of them, copied out of a terminal that works.
    let examples: [Example]
    /// Besides 0 and 2, which every command may give.
    var exits: [ExitCode] = []
    let run: @Sendable (Session) throws(Failure) -> ExitCode

    var name: String { path.joined(separator: " ") }

    var allExits: [ExitCode] { ExitCode.allCases.filter { $0 == .ok || $0 == .usage || exits.contains($0) } }

    func declares(_ flag: FlagDeclaration) -> Bool {
        flags.contains { $0.name == flag.name } || GlobalFlags.all.contains { $0.name == flag.name }
    }
}

/// A word after the verb that is not a flag.
struct Argument: Sendable {
    let name: String
    let summary: String
    let value: ValueKind
    var isRequired = true
    /// The last argument may stand for several words.
    var repeats = false

    var usage: String {
        let word = repeats ? "\(name)…" : name
        return isRequired ? word : "[\(word)]"
    }
}

struct Example: Sendable {
    let line: String
    let meaning: String

    init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// What stands at the top of the tree: a verb of its own, or a noun with verbs below it.
enum Entry: Sendable {
    case verb(Command)
    case noun(Noun)

    var name: String {
        switch self {
        case .verb(let command): command.name
        case .noun(let noun): noun.name
        }
    }

    var summary: String {
        switch self {
        case .verb(let command): command.summary
        case .noun(let noun): noun.summary
        }
    }

    var commands: [Command] {
        switch self {
        case .verb(let command): [command]
        case .noun(let noun): noun.commands
        }
    }
}

/// A group of commands about one thing. The bare noun runs its first command, which only reads.
struct Noun: Sendable {
    let name: String
    let summary: String
    let commands: [Command]
}

/// A heading of the overview with the entries below it.
struct Section: Sendable {
    let title: String
    let entries: [Entry]
}
