/// The manual page cairn(1) in roff, made from the command table.
struct ManualPage {
    let table: CommandTable

    func text() -> String {
        var lines = [
            ".TH CAIRN 1 \"\" \"cairn \(programVersion)\" \"Cairn\"", ".SH NAME",
            "cairn \\- run and ask about a node of a network that pays for proven physical infrastructure",
            ".SH SYNOPSIS", ".B cairn", "[flags] VERB [arguments]", ".SH COMMANDS",
        ]
        for command in table.commands { lines += self.lines(of: command) }
        lines.append(".SH GLOBAL FLAGS")
        lines.append("They may stand before or after the verb.")
        for flag in GlobalFlags.all { lines += tagged(flag.usage, flag.summary) }
        lines.append(".SH EXIT STATUS")
        for code in ExitCode.allCases { lines += tagged("\(code.rawValue)", code.meaning) }
        lines.append(".SH ENVIRONMENT")
        for variable in EnvironmentVariable.all { lines += tagged(variable.name, variable.meaning) }
        lines.append(".SH ERRORS")
        for code in ErrorCode.allCases { lines += tagged("\(code.rawValue) \(code.slug)", code.page.meaning) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(of command: Command) -> [String] {
        var lines = [".SS \(escaped(command.usage))", "\(escaped(command.summary))."]
        for paragraph in command.text { lines += [".PP", escaped(paragraph)] }
        for argument in command.arguments + (command.rest.map { [$0] } ?? []) {
            lines += tagged(argument.usage, argument.summary)
        }
        for flag in command.flags { lines += tagged(flag.usage, flag.summary) }
        for example in command.examples {
            lines += [".PP", escaped(example.meaning), ".PP", ".RS", ".nf", escaped(example.line), ".fi", ".RE"]
        }
        let exits = command.allExits.map { "\($0.rawValue)" }.joined(separator: ", ")
        return lines + [".PP", "Exit status: \(exits)."]
    }

    private func tagged(_ tag: String, _ text: String) -> [String] {
        [".TP", ".B \(escaped(tag))", escaped(text)]
    }

    /// A backslash, a hyphen, and a dot or quote at the start of a line mean something to roff.
    private func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "…": result += "..."
            case "·": result += "\\(md"
            case "—": result += "\\(em"
            default: result.append(character)
            }
        }
        return result.hasPrefix(".") || result.hasPrefix("'") ? "\\&" + result : result
    }
}
