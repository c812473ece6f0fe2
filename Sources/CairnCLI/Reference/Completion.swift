/// What can stand at each place of a command line: the common ground of the three completion scripts.
struct Completion {
    let table: CommandTable

    /// A place is named by the verbs before it: nothing, a noun, or a whole command.
    struct Place {
        let path: [String]
        /// Words that may follow, with their summaries.
        let words: [(word: String, summary: String)]
        let flags: [FlagDeclaration]

        var name: String { path.joined(separator: " ") }
    }

    var places: [Place] {
        var places = [
            Place(path: [], words: table.entries.map { ($0.name, $0.summary) }, flags: GlobalFlags.all)
        ]
        for entry in table.entries {
            if case .noun(let noun) = entry {
                places.append(
                    Place(
                        path: [noun.name],
                        words: noun.commands.map { ($0.path.last ?? "", $0.summary) },
                        flags: (noun.commands.first?.flags ?? []) + GlobalFlags.all))
            }
            places += entry.commands.map {
                Place(path: $0.path, words: arguments(of: $0), flags: $0.flags + GlobalFlags.all)
            }
        }
        return places
    }

    /// Every flag of the program once, for rules that hold wherever it stands.
    var flags: [FlagDeclaration] {
        var seen: Set<String> = []
        return (GlobalFlags.all + table.commands.flatMap(\.flags)).filter { seen.insert($0.name).inserted }
    }

    /// The flags whose next word is their value.
    var flagsWithValue: [FlagDeclaration] {
        flags.filter { flag in
            switch flag.value {
            case .none, .optionalSpan: false
            default: true
            }
        }
    }

    private func arguments(of command: Command) -> [(word: String, summary: String)] {
        if command.path == ["help"] {
            return table.entries.map { ($0.name, $0.summary) } + Topic.all.map { ($0.name, $0.summary) }
        }
        return command.arguments.flatMap { argument in
            guard case .choice(let words) = argument.value else { return [] as [(word: String, summary: String)] }
            return words.map { (word: $0, summary: argument.summary) }
        }
    }
}
