import CairnLedger
import CairnRuntime
import CairnWire

extension Noun {
    static let config = Noun(
        name: "config", summary: "Look into the configuration of a home", commands: [.configShow, .configCheck])
}

extension Command {
    static let configShow = Command(
        path: ["config", "show"],
        summary: "Show every setting, its value and who said it",
        text: [
            "As cairn run would read it in this environment, without its flags: a variable wins over config.toml, the file "
                + "over the preset."
        ],
        examples: [
            Example("cairn config show --home ./n1", "Shows the settings of that home."),
            Example("cairn config --json", "Shows those of this user's node, for a script."),
        ],
        exits: [.failed, .notFound],
        run: { session throws(Failure) in
            let config = try Config(of: NodeFinder(session).home(), session)
            var table = TextTable(["SETTING", "VALUE", "SAID BY"])
            var rows: [JSON] = []
            for setting in Setting.all {
                let origin = config.origin(of: setting)?.text
                table.add([setting.name, config.written(setting), origin ?? "preset"])
                rows.append([
                    "name": .string(setting.name), "value": .string(config.written(setting)),
                    "origin": .string(origin ?? "preset"), "variable": .string(setting.variable),
                ])
            }
            session.answer([.init("settings", .array(rows))], table.text(session.style))
            return .ok
        })

    static let configCheck = Command(
        path: ["config", "check"],
        summary: "Check what a node reads before it starts",
        text: [
            "The configuration, the token's file where one is named, and the genesis. A service manager may run it before "
                + "every start; nothing is changed. cairn doctor looks at more."
        ],
        examples: [
            Example("cairn config check --home ./n1", "Checks that home."),
            Example("cairn config check --quiet", "Says it by the exit code alone."),
        ],
        exits: [.failed, .notFound],
        run: { session throws(Failure) in
            let home = try NodeFinder(session).home()
            let config = try Config(of: home, session)
            try config.checkWhole()
            _ = try config.accessToken()
            let network = fileExists(home.genesisFile) ? try GenesisFile.read(home.genesisFile).network : nil
            session.answer(
                [.init("home", .string(home.path)), .init("chain", network.map { .string($0) } ?? .null)],
                session.isQuiet ? "" : "\(home.path) is in order\(network.map { ", for network \($0)" } ?? "")\n")
            return .ok
        })
}
