/// A page of help about something that is not a verb.
struct Topic: Sendable {
    let name: String
    let summary: String
    let text: @Sendable () -> String

    static let all = [exitCodes, environment, config, errors]
}

extension Topic {
    static let exitCodes = Topic(name: "exit-codes", summary: "what the number a command ends with means") {
        var table = TextTable(["CODE", "MEANING"], right: [0])
        for code in ExitCode.allCases { table.add(["\(code.rawValue)", code.meaning]) }
        return """
            Every command ends with one of these codes. The numbers never change their meaning.

            \(table.text(Style()))
            For a service manager: restarting cannot help after 2, 7, 9, 10, 11 and 12.

            """
    }

    static let environment = Topic(name: "environment", summary: "which variables are read") {
        var table = TextTable(["VARIABLE", "MEANING"])
        for variable in EnvironmentVariable.all { table.add([variable.name, variable.meaning]) }
        return """
            A flag wins over its variable, a variable over the configuration file.

            \(table.text(Style()))
            """
    }

    static let config = Topic(name: "config", summary: "the configuration file, with every setting") {
        "A node reads \(Config.fileName) in its home. This is the file as `cairn init` writes it:\n\n"
            + Config.annotated().split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "\n" : "    \($0)\n" }.joined()
    }

    static let errors = Topic(name: "errors", summary: "every error code in one list") {
        var table = TextTable(["CODE", "NAME", "EXIT"], right: [2])
        for code in ErrorCode.allCases { table.add([code.rawValue, code.slug, "\(code.exit.rawValue)"]) }
        return table.text(Style()) + "\ncairn help CODE explains one of them.\n"
    }
}

/// A variable of the environment that this program reads.
struct EnvironmentVariable: Sendable {
    let name: String
    let meaning: String

    static let all =
        [
            EnvironmentVariable(name: "CAIRN_HOME", meaning: "the home, where --home is not given"),
            EnvironmentVariable(
                name: PassphraseSource.variableName,
                meaning: "the number of an open descriptor that holds the passphrase"),
            EnvironmentVariable(
                name: PassphraseSource.newVariableName, meaning: "the same for the new passphrase of keys passwd"),
            EnvironmentVariable(
                name: "CREDENTIALS_DIRECTORY", meaning: "set by systemd: its file cairn.passphrase holds the passphrase"
            ),
            EnvironmentVariable(name: "NO_COLOR", meaning: "not empty: no colour"),
            EnvironmentVariable(name: "CLICOLOR_FORCE", meaning: "not empty and not 0: colour even into a pipe"),
            EnvironmentVariable(name: "TERM", meaning: "dumb: no colour"),
        ]
        + Setting.all.map { setting in
            EnvironmentVariable(name: setting.variable, meaning: "wins over \(setting.name) of the configuration file")
        }
}
