import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    static let bundle = Command(
        path: ["bundle"],
        summary: "Put what helps to find a fault into one file, without secrets",
        text: [
            "A plain tar of text files: what doctor finds, the settings and who said them, and, if the node runs, its status, "
                + "peers, metrics and newest log lines; else the end of the log that lies in the home, if any. No file that holds a key, a passphrase or a token is opened for it. It "
                + "does hold addresses of peers: read it before you show it to everybody."
        ],
        arguments: [Argument(name: "FILE", summary: "A file that is not there yet", value: .path("FILE"))],
        examples: [
            Example("cairn bundle ./fault.tar", "Collects from the node of this user."),
            Example("cairn bundle ./n2.tar --home ./n2 --json", "Collects from another and lists the contents."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try NodeFinder(session).home()
            guard Directory.exists(home.path) else {
                throw Failure(
                    .homeNotFound, "\(home.path) is not a home of a node", tried: [Hint(home.path, "no such directory")]
                )
            }
            let target = session.path(argument: 0)
            try session.requireFree(target)
            let files = try contents(home, session)
            var archive = TarArchive(time: Clock.wall().millisecondsSince1970 / 1_000)
            for file in files { archive.add("cairn-bundle/\(file.name)", Array(file.text.utf8)) }
            try TextFile.create(target, archive.finished, mode: 0o600)
            session.answer(
                [
                    .init("file", .string(target)), .init("bytes", JSON(archive.finished.count)),
                    .init("contents", .array(files.map { .string($0.name) })),
                ],
                "\(target)  \(files.map(\.name).joined(separator: ", "))\n")
            return .ok
        })

    private static func contents(
        _ home: Home, _ session: Session
    ) throws(Failure) -> [(name: String, text: String)] {
        var files = [("version.txt", "cairn \(programVersion)\n")]
        files.append(("doctor.txt", Examination(of: home, session).text(Style())))
        if let config = try? Config(of: home, session) {
            let lines = Setting.all.map { setting in
                "\(setting.name) = \(config.written(setting))  # \(config.origin(of: setting)?.text ?? "preset")\n"
            }
            files.append(("config.txt", lines.joined()))
        }
        let client = NodeClient(socket: home.controlSocket, timeout: .seconds(5))
        for (name, target) in [
            ("status.json", "/v1/status"), ("peers.json", "/v1/peers"), ("pubsub.json", "/v1/pubsub"),
            ("coverage.json", "/v1/coverage"), ("metrics.txt", "/metrics"), ("log.json", "/v1/logs"),
        ] {
            guard let answer = try? client.exchange(.get, target), answer.status == 200 else { continue }
            files.append((name, String(decoding: answer.body, as: UTF8.self)))
        }
        guard !files.contains(where: { $0.0 == "log.json" }) else { return files }
        return files + logFiles(of: home)
    }

    /// A node writes its log to standard error; where that was sent to a file of the home, as cairn testnet does, its last
    /// words are there.
    private static func logFiles(of home: Home) -> [(name: String, text: String)] {
        Directory.names(home.path).filter { $0 == "log" || $0.hasSuffix(".log") && !$0.hasPrefix("sign-") }.sorted()
            .prefix(8).compactMap { name in
                (try? TextFile.tail(joinPath(home.path, name))).map { ("disk/\(name)", $0) }
            }
    }
}
