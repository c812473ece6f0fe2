/// The page `docs/cli.md`, made from the command table.
struct ReferencePage {
    let table: CommandTable

    func text() -> String {
        var text = """
            # The command line

            This page is made by `scripts/docs` from the table that the program itself runs on; a test fails when the two
            differ.

            A bare noun only reads: `cairn keys` lists keys. Flags may stand before or after the verb. Results go to
            standard output, notes and errors to standard error. With `--json` a result is exactly one document with a
            `schema` field, and an error is one line.

            ## Commands


            """
        text += table.commands.map { "- [`cairn \($0.name)`](#\(anchor($0))): \($0.summary.lowercasedFirst)\n" }
            .joined()
        text += "\n" + table.commands.map(section).joined(separator: "\n")
        text += "\n## Global flags\n\n" + flags(GlobalFlags.all)
        text += "\n## Exit codes\n\n| code | meaning |\n|---|---|\n"
        text += ExitCode.allCases.map { "| \($0.rawValue) | \(cell($0.meaning)) |\n" }.joined()
        text += "\n## Environment\n\n| variable | meaning |\n|---|---|\n"
        text += EnvironmentVariable.all.map { "| `\($0.name)` | \(cell($0.meaning)) |\n" }.joined()
        text += "\n## Errors\n\n[errors.md](errors.md) explains every code, as `cairn help CODE` does.\n"
        return text
    }

    private func section(_ command: Command) -> String {
        var text = "### cairn \(command.name)\n\n\(command.summary).\n\n```\n\(command.usage)\n```\n\n"
        text += command.text.map { $0 + "\n\n" }.joined()
        let arguments = command.arguments + (command.rest.map { [$0] } ?? [])
        if !arguments.isEmpty {
            text += "| argument | meaning |\n|---|---|\n"
            text += arguments.map { "| `\(cell($0.usage))` | \(cell($0.summary)) |\n" }.joined() + "\n"
        }
        if !command.flags.isEmpty { text += flags(command.flags) + "\n" }
        text += "```\n" + command.examples.map { "\($0.line)\n    \($0.meaning)\n" }.joined() + "```\n\n"
        return text + "Exit codes: \(command.allExits.map { "\($0.rawValue)" }.joined(separator: ", ")).\n"
    }

    private func flags(_ flags: [FlagDeclaration]) -> String {
        "| flag | meaning |\n|---|---|\n"
            + flags.map { "| `\(cell($0.usage))` | \(cell($0.summary)) |\n" }.joined()
    }

    /// A bar would end the cell.
    private func cell(_ text: String) -> String { text.split(separator: "|").joined(separator: "\\|") }

    private func anchor(_ command: Command) -> String { (["cairn"] + command.path).joined(separator: "-") }
}
