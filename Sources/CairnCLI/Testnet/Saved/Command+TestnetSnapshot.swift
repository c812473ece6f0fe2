import CairnBase
import CairnWire

extension Command {
    static let testnetSnapshot = Command(
        path: ["testnet", "snapshot"],
        summary: "Save a testnet as it is now, under a name",
        text: [
            "The homes of all nodes are copied: keys, chains, sign logs, pieces and logs. Nodes that run are halted together while "
                + "that is done, and go on afterwards; Ctrl-C is heard when they do. Where this command was killed, cairn testnet "
                + "heal lets them go on. Without a name the snapshots there are are listed.",
            "They lie in the testnet's directory, and purge removes them with it.",
        ],
        arguments: [
            Argument(name: "NAME", summary: "What it is to be called", value: .label("NAME"), isRequired: false)
        ],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet snapshot warm", "Saves the usual testnet as warm."),
            Example("cairn testnet snapshot --json", "Lists what was saved, for a script."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let testnet = try Testnet(session)
            guard let name = session.invocation.argument(0) else { return try list(testnet, session) }
            let lock = try testnet.directory.lock()
            let start = TestnetStart(testnet: testnet, session: session, program: session.surroundings.program)
            let done = try start.save(as: SavedTestnet(directory: testnet.directory, name: name))
            _ = consume lock
            session.answer([.init("name", .string(name)), .init("done", .string(done))], done + "\n")
            return .ok
        })

    static let testnetRestore = Command(
        path: ["testnet", "restore"],
        summary: "Put a testnet back to what it was when it was saved",
        text: [
            "All nodes are stopped, and what they have done since is gone, on all of them: the chain goes on from the moment that "
                + "was saved, and nodes that joined later are removed. The snapshot stays. cairn testnet up starts the nodes.",
            "Where this was cut off, nothing starts the testnet until it is done again.",
        ],
        arguments: [Argument(name: "NAME", summary: "Which snapshot", value: .label("NAME"))],
        flags: TestnetFlags.place,
        examples: [
            Example("cairn testnet restore warm", "Puts the usual testnet back."),
            Example("cairn testnet restore warm --name big --json", "Another, for a script."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let testnet = try Testnet(session, evenHalf: true)
            let saved = SavedTestnet(
                directory: testnet.directory, name: session.invocation.argument(0) ?? "")
            let lock = try testnet.directory.lock()
            let start = TestnetStart(testnet: testnet, session: session, program: session.surroundings.program)
            let restored = try start.restored(from: saved).testnet
            _ = consume lock
            session.answer(
                [.init("name", .string(saved.name)), .init("nodes", JSON(restored.manifest.nodes.count))],
                "restored \(restored.manifest.nodes.count) nodes from \(saved.name); cairn testnet up starts them\n")
            return .ok
        })

    private static func list(_ testnet: Testnet, _ session: Session) throws(Failure) -> ExitCode {
        var table = TextTable(["SNAPSHOT", "NODES", "SIZE"], right: [1, 2])
        var rows: [JSON] = []
        for saved in SavedTestnet.all(in: testnet.directory) {
            let (count, bytes) = (try saved.manifest().nodes.count, try saved.byteCount())
            table.add([saved.name, "\(count)", binarySize(bytes)])
            rows.append(["name": .string(saved.name), "nodes": JSON(count), "bytes": JSON(bytes)])
        }
        session.answer(
            [.init("snapshots", .array(rows))], rows.isEmpty ? "nothing was saved\n" : table.text(session.style))
        return .ok
    }
}
