/// All commands, by section of the overview. Only what exists stands here.
struct CommandTable: Sendable {
    let sections: [Section]

    var entries: [Entry] { sections.flatMap(\.entries) }
    var commands: [Command] { entries.flatMap(\.commands) }

    /// What `--version` runs.
    let version: Command

    static let cairn = CommandTable(
        sections: [
            Section(
                title: "everyday",
                entries: [
                    .verb(.dev), .verb(.initialise), .verb(.join), .verb(.run), .verb(.status), .verb(.top),
                    .verb(.doctor),
                    .verb(.logs),
                    .noun(.config), .verb(.bundle), .verb(.stop),
                ]),
            Section(
                title: "network",
                entries: [
                    .verb(.nodes), .noun(.peers), .noun(.net), .noun(.radio), .verb(.radioSimulation), .noun(.testnet),
                    .noun(.attack),
                ]),
            Section(
                title: "chain",
                entries: [
                    .noun(.chain), .noun(.rewards), .noun(.proofs), .verb(.witness), .noun(.coverage), .verb(.why),
                    .noun(.resource),
                    .noun(.validator),
                    .noun(.government), .verb(.parameters),
                ]),
            Section(title: "own", entries: [.noun(.keys), .noun(.wallet), .noun(.storage)]),
            Section(
                title: "copies of a chain",
                entries: [.verb(.backup), .verb(.restore), .noun(.snapshot)]),
            Section(
                title: "this program",
                entries: [
                    .verb(.help), .verb(.version), .verb(.completion), .verb(.man),
                ]),
        ],
        version: .version)

    func command(at path: [String]) -> Command? { commands.first { $0.path == path } }

    /// The subject that a path of words names, if any.
    func subject(_ path: [String]) -> HelpSubject? {
        if let command = command(at: path) { return .command(command) }
        for case .noun(let noun) in entries where [noun.name] == path { return .noun(noun) }
        return path.isEmpty ? .program : nil
    }
}
