import CairnBase

/// What a command line asks for.
enum Request: Sendable {
    case run(Invocation)
    case help(HelpSubject, full: Bool)
    case version(Invocation)
}

/// What help can be about.
enum HelpSubject: Sendable {
    case program
    case noun(Noun)
    case command(Command)
}

/// Reads a command line against a table, strictly: every word is understood or named in an error.
///
/// Flags may stand before or after the verb; before it only the global ones exist. `--` ends the flags.
struct Parser {
    private let table: CommandTable
    private var words: ArraySlice<String>
    private var values: [String: [Value]] = [:]
    private var arguments: [String] = []
    private var rest: [String]?
    private var subject = HelpSubject.program

    private init(_ table: CommandTable, _ words: [String]) {
        self.table = table
        self.words = words[...]
    }

    static func parse(_ words: [String], with table: CommandTable) throws(Failure) -> Request {
        var parser = Parser(table, words)
        return try parser.parse()
    }

    private mutating func parse() throws(Failure) -> Request {
        while let word = words.popFirst() {
            if word == "-h" || word == "--help" { return .help(subject, full: word == "--help") }
            if word == "--" {
                try takeRest()
            } else if word.hasPrefix("--") {
                try takeLong(word)
            } else if word.hasPrefix("-"), word.count > 1 {
                try takeShort(word)
            } else {
                try takeWord(word)
            }
        }
        if values[GlobalFlags.version.declaration.name] != nil {
            return .version(Invocation(command: table.version, values: values))
        }
        guard let command else { return .help(.program, full: false) }
        try checkFlags(of: command)
        try checkArguments(of: command)
        return .run(Invocation(command: command, values: values, arguments: arguments, rest: rest ?? []))
    }

    /// The command chosen so far; a bare noun means its first command.
    private var command: Command? {
        switch subject {
        case .program: nil
        case .noun(let noun): noun.commands.first
        case .command(let command): command
        }
    }

    private var name: String {
        switch subject {
        case .program: ""
        case .noun(let noun): noun.name
        case .command(let command): command.name
        }
    }
}

// MARK: Words

extension Parser {
    private mutating func takeWord(_ word: String) throws(Failure) {
        switch subject {
        case .program:
            guard let entry = table.entries.first(where: { $0.name == word }) else { throw unknownVerb(word) }
            switch entry {
            case .verb(let command): subject = .command(command)
            case .noun(let noun): subject = .noun(noun)
            }
        case .noun(let noun):
            guard let command = noun.commands.first(where: { $0.path.last == word }) else {
                throw unknownVerb(word, of: noun)
            }
            subject = .command(command)
        case .command(let command):
            try takeArgument(word, of: command)
        }
    }

    private mutating func takeArgument(_ word: String, of command: Command) throws(Failure) {
        var declared: Argument?
        if arguments.count < command.arguments.count {
            declared = command.arguments[arguments.count]
        } else if let last = command.arguments.last, last.repeats {
            declared = last
        }
        guard let declared else { throw unexpected(word, for: command) }
        do throws(ValueKind.Refusal) {
            _ = try declared.value.read(word)
        } catch {
            throw badValue("\(declared.name) \(quoted(word)) is \(error.reason)", error.nearest)
        }
        arguments.append(word)
    }

    private mutating func takeRest() throws(Failure) {
        guard let command, command.rest != nil else {
            // For everybody else `--` says that what follows are arguments, whatever they look like.
            while let word = words.popFirst() { try takeWord(word) }
            return
        }
        rest = Array(words)
        words = []
    }

    /// A flag between a noun and its verb was read for the noun's first command and may not fit the verb that came.
    private func checkFlags(of command: Command) throws(Failure) {
        let known = Set((command.flags + GlobalFlags.all).map(\.name))
        if let stranger = values.keys.sorted().first(where: { !known.contains($0) }) {
            throw unknownFlag("--\(stranger)")
        }
    }

    private func checkArguments(of command: Command) throws(Failure) {
        let required = command.arguments.prefix { $0.isRequired }
        if arguments.count < required.count {
            let missing = required[arguments.count]
            throw Failure(
                .missingArgument, "cairn \(command.name) needs \(missing.name): \(missing.summary.lowercasedFirst)",
                do: usageHint(command))
        }
        if let wanted = command.rest, wanted.isRequired, rest?.isEmpty ?? true {
            throw Failure(
                .missingArgument, "cairn \(command.name) needs \(wanted.name) after --", do: usageHint(command))
        }
    }
}

// MARK: Flags

extension Parser {
    private var known: [FlagDeclaration] { (command?.flags ?? []) + GlobalFlags.all }

    private mutating func takeLong(_ word: String) throws(Failure) {
        let body = word.dropFirst(2)
        let name = String(body.prefix { $0 != "=" })
        let inline = body.count > name.count ? String(body.dropFirst(name.count + 1)) : nil
        guard let flag = known.first(where: { $0.name == name }) else { throw unknownFlag("--\(name)") }
        try take(flag, written: "--\(name)", inline: inline)
    }

    private mutating func takeShort(_ word: String) throws(Failure) {
        let letters = word.dropFirst()
        guard let letter = letters.first, let flag = known.first(where: { $0.short == letter }) else {
            throw unknownFlag(word)
        }
        guard letters.count == 1 else {
            let separate = letters.map { "-\($0)" }.joined(separator: " ")
            throw Failure(
                .unknownFlag, "\(quoted(word)) is not a flag; short flags stand alone",
                do: Hint(separate, "if meant so"))
        }
        try take(flag, written: word, inline: nil)
    }

    private mutating func take(_ flag: FlagDeclaration, written: String, inline: String?) throws(Failure) {
        if values[flag.name] != nil, !flag.repeats {
            throw Failure(.repeatedFlag, "\(written) is given twice", do: Hint("Give \(written) once."))
        }
        values[flag.name, default: []].append(try value(of: flag, written: written, inline: inline))
    }

    private mutating func value(
        of flag: FlagDeclaration, written: String, inline: String?
    ) throws(Failure) -> Value {
        switch (flag.value, inline) {
        case (.none, nil): return .on
        case (.none, .some): throw badValue("\(written) takes no value", nil)
        case (.optionalSpan(_, let preset), nil): return .span(preset)
        case (_, nil):
            guard let next = words.first, !next.hasPrefix("--"), !(next.hasPrefix("-") && isFlag(next)) else {
                throw Failure(
                    .missingValue, "\(written) needs a value: \(flag.value.placeholder ?? "")", do: Hint(flag.usage))
            }
            words.removeFirst()
            return try read(next, flag, written)
        case (_, .some(let text)): return try read(text, flag, written)
        }
    }

    private func isFlag(_ word: String) -> Bool {
        known.contains { flag in flag.short.map { word == "-\($0)" } ?? false }
    }

    private func read(_ text: String, _ flag: FlagDeclaration, _ written: String) throws(Failure) -> Value {
        do throws(ValueKind.Refusal) {
            return try flag.value.read(text)
        } catch {
            throw badValue("\(written) \(quoted(text)) is \(error.reason)", error.nearest)
        }
    }
}

// MARK: Errors

extension Parser {
    private func unknownVerb(_ word: String, of noun: Noun? = nil) -> Failure {
        let names = noun.map { $0.commands.compactMap(\.path.last) } ?? table.entries.map(\.name)
        let prefix = noun.map { "cairn \($0.name)" } ?? "cairn"
        let close = nearest(to: word, in: names).map { [Hint("\(prefix) \($0)", "is the nearest one")] } ?? []
        let subject = noun.map { "\($0.name) has no verb \(quoted(word))" } ?? "there is no verb \(quoted(word))"
        return Failure(
            .unknownVerb, subject,
            hints: close + [Hint(noun.map { "cairn help \($0.name)" } ?? "cairn help", "lists them")])
    }

    private func unknownFlag(_ written: String) -> Failure {
        let names = known.map { "--\($0.name)" }
        let close = nearest(to: written, in: names).map { [Hint($0, "is the nearest one")] } ?? []
        let place = command.map { "cairn \($0.name)" } ?? "cairn"
        let elsewhere = table.commands.filter { command in command.flags.contains { "--\($0.name)" == written } }
        var hints = close
        if command == nil, let owner = elsewhere.first {
            hints = [Hint("cairn \(owner.name) \(written)", "a flag of one verb stands after it")]
        }
        return Failure(
            .unknownFlag, "\(place) has no flag \(quoted(written))",
            hints: hints + [Hint(name.isEmpty ? "cairn help" : "cairn help \(name)", "lists them")])
    }

    private func unexpected(_ word: String, for command: Command) -> Failure {
        let takes =
            command.arguments.isEmpty
            ? "takes no arguments" : "takes only \(command.arguments.map(\.usage).joined(separator: " "))"
        return Failure(
            .unexpectedArgument, "cairn \(command.name) \(takes), not \(quoted(word))", do: usageHint(command))
    }

    private func badValue(_ message: String, _ near: String?) -> Failure {
        var hints = near.map { [Hint($0, "is the nearest one")] } ?? []
        hints.append(Hint(name.isEmpty ? "cairn help" : "cairn help \(name)", "shows what it takes"))
        return Failure(.badValue, message, hints: hints)
    }

    private func usageHint(_ command: Command) -> Hint {
        Hint("cairn help \(command.name)", "shows what it takes")
    }
}
