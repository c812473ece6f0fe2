import CairnBase
import CairnWire

extension Command {
    private static let name = Flag.text("name", "NAME", "What this machine calls the node, for --node")
    private static let listen = Flag.text("listen", "ADDRESS:PORT", "Where other nodes reach this one")
    private static let api = Flag.text("api", "ADDRESS:PORT", "Where programs on this machine ask it")
    private static let peer = Flag.text("peer", "ADDRESS:PORT", "A node to greet first; may be repeated", repeats: true)
    private static let development = Flag.switched("dev", "Make open keys, for development networks only")

    static let initialise = Command(
        path: ["init"],
        summary: "Make a home: keys and a configuration",
        text: [
            "Makes the directory, the keys for node, validator and account, and a configuration in which every setting is "
                + "explained. The keys are sealed under one passphrase; the 24 words of the account are shown once. Nothing "
                + "that is there is overwritten.",
            "The home is --home, $CAIRN_HOME, the nearest .cairn directory upwards, or ~/.local/share/cairn.",
        ],
        flags: [
            name.declaration, listen.declaration, api.declaration, peer.declaration, development.declaration,
            PassphraseSource.file.declaration,
        ],
        examples: [
            Example("cairn init", "Makes the home of this user's node."),
            Example(
                "cairn init --home ./n1 --dev --listen 127.0.0.1:7480 --api 127.0.0.1:7481 --peer 127.0.0.1:7470",
                "Makes one for a development network that has a node already."),
        ],
        exits: [.locked, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try Home.chosen(session)
            let maker = HomeMaker(
                storage: KeyStorage(home: home, settings: session.surroundings.keys), values: try values(session))
            try maker.checkFree()
            let isOpen = session.invocation.has(development)
            let made = try maker.make(
                isOpen ? .openRandom : .sealed(PassphraseSource.current(session).chosen("the keys of this node")))
            let fields: [JSON.Member] = [
                .init("home", .string(home.path)), .init("config", .string(home.configFile)),
                .init("keys", .array(made.keys.map { .object($0.fields) })),
            ]
            session.answer(fields + (made.words.map { [$0.member] } ?? []), text(home, made, session))
            return .ok
        })

    /// The flags are settings of the configuration, and checked as such before anything is made.
    private static func values(_ session: Session) throws(Failure) -> [String: [String]] {
        let settings: [(Setting, Flag<String>)] = [
            (.nodeName, name), (.nodeNetwork, GlobalFlags.network), (.p2pListen, listen), (.apiListen, api),
            (.p2pPeers, peer),
        ]
        var config = Config()
        try config.take(settings, session)
        try config.checkWhole()
        let given = settings.map { ($0.name, session.invocation[all: $1]) }.filter { !$0.1.isEmpty }
        return Dictionary(uniqueKeysWithValues: given)
    }

    private static func text(_ home: Home, _ made: HomeMaker.Made, _ session: Session) -> String {
        var table = TextTable(["KEY", "ID", "PROTECTION"])
        for key in made.keys { table.add([key.name, key.id, key.protection]) }
        let home = shellWord(home.path)
        return "home  \(home)\n\n" + table.text(session.style) + (made.words?.text ?? "")
            + "\nnext  cairn run --home \(home)\n"
    }
}
