extension Completion {
    /// The script for fish.
    func fish() -> String {
        var lines = ["# fish completion for cairn: cairn completion fish | source", "complete -c cairn -f"]
        for place in places {
            let condition = shellQuoted(condition(for: place))
            for (word, summary) in place.words {
                lines.append("complete -c cairn -n \(condition) -a \(shellQuoted(word)) -d \(shellQuoted(summary))")
            }
            guard table.command(at: place.path) != nil else { continue }
            for flag in place.flags.dropLast(GlobalFlags.all.count) { lines.append(self.line(flag, condition)) }
        }
        for flag in GlobalFlags.all { lines.append(line(flag, nil)) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ flag: FlagDeclaration, _ condition: String?) -> String {
        var line = "complete -c cairn" + (condition.map { " -n \($0)" } ?? "") + " -l \(flag.name)"
        if let short = flag.short { line += " -s \(short)" }
        switch flag.value {
        case .none, .optionalSpan: break
        case .path: line += " -r -F"
        case .choice(let words): line += " -x -a \(shellQuoted(words.joined(separator: " ")))"
        case .text, .label, .integer, .span: line += " -x"
        }
        return line + " -d \(shellQuoted(flag.summary))"
    }

    /// Holds while the words before the cursor lead to this place and no further.
    private func condition(for place: Place) -> String {
        guard !place.path.isEmpty else { return "__fish_use_subcommand" }
        let led = place.path.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
        guard table.command(at: place.path) == nil else { return led }
        return led + "; and not __fish_seen_subcommand_from \(place.words.map(\.word).joined(separator: " "))"
    }
}
