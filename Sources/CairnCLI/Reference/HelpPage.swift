/// The help texts, made from the command table.
struct HelpPage {
    let table: CommandTable
    let style: Style

    func text(_ subject: HelpSubject, full: Bool) -> String {
        switch subject {
        case .program: overview(full: full)
        case .noun(let noun): page(of: noun)
        case .command(let command): full ? self.full(command) : short(command)
        }
    }

    func text(_ code: ErrorCode) -> String {
        """
        \(heading("\(code.rawValue) \(code.slug)"))
        \(wrapped(code.page.meaning, indent: "  "))

          do    \(code.page.remedy)
          exit  \(code.exit.rawValue) (\(code.exit.meaning))

        """
    }

    private func overview(full: Bool) -> String {
        let width = (table.entries.map(\.name.count) + Topic.all.map(\.name.count)).max() ?? 0
        var text = "cairn runs and asks about a node of a network that pays for proven physical infrastructure.\n\n"
        text += "usage  cairn [flags] VERB [arguments]\n"
        for section in table.sections {
            text += "\n" + heading(section.title) + "\n"
            for entry in section.entries { text += "  \(padded(entry.name, to: width))  \(entry.summary)\n" }
        }
        text += "\n" + heading("topics") + "\n"
        for topic in Topic.all { text += "  \(padded(topic.name, to: width))  \(topic.summary)\n" }
        if full { text += "\n" + flags("global flags", GlobalFlags.all) }
        text += "\ncairn help VERB|TOPIC|CODE tells more."
        return text + (full ? "\n" : " cairn --help lists the global flags.\n")
    }

    private func page(of noun: Noun) -> String {
        let width = noun.commands.map { $0.name.count }.max() ?? 0
        var text = "cairn \(noun.name): \(noun.summary.lowercasedFirst)\n\n"
        for command in noun.commands { text += "  cairn \(padded(command.name, to: width))  \(command.summary)\n" }
        if let first = noun.commands.first { text += "\nWithout a verb, cairn \(noun.name) means \(first.name).\n" }
        return text + "cairn help \(noun.name) VERB tells more.\n"
    }

    private func short(_ command: Command) -> String {
        let own = command.flags.isEmpty ? "" : "\n" + flags("flags", command.flags)
        return
            "\(command.summary)\n\n\(usage(command))\(own)\(examples(command))\ncairn help \(command.name) tells more.\n"
    }

    private func full(_ command: Command) -> String {
        var text = "\(command.summary)\n\n\(usage(command))\n"
        text += command.text.map { wrapped($0) + "\n\n" }.joined()
        let arguments = command.arguments + (command.rest.map { [$0] } ?? [])
        if !arguments.isEmpty {
            text += rows("arguments", arguments.map { ($0.usage, $0.summary) }) + "\n"
        }
        if !command.flags.isEmpty { text += flags("flags", command.flags) + "\n" }
        text += flags("global flags", GlobalFlags.all)
        text += examples(command) + "\n"
        return text + rows("exit codes", command.allExits.map { ("\($0.rawValue)", $0.meaning) })
    }

    private func usage(_ command: Command) -> String {
        "usage  \(command.usage)\n"
    }

    private func examples(_ command: Command) -> String {
        "\n" + heading("examples") + "\n"
            + command.examples.map { "  \($0.line)\n      \($0.meaning)\n" }.joined()
    }

    private func flags(_ title: String, _ flags: [FlagDeclaration]) -> String {
        rows(title, flags.map { ($0.usage, $0.summary) })
    }

    private func rows(_ title: String, _ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return heading(title) + "\n" + rows.map { "  \(padded($0.0, to: width))  \($0.1)\n" }.joined()
    }

    private func heading(_ text: String) -> String { style.paint(text, .bold) }
}

extension Command {
    /// `cairn keys new NAME [flags]`
    var usage: String {
        var parts = ["cairn", name] + arguments.map(\.usage)
        if !flags.isEmpty { parts.append("[flags]") }
        if let rest { parts += ["--", rest.usage] }
        return parts.joined(separator: " ")
    }
}
