import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let keep = Flag.switched("keep", "Leave the testnet running when the scenario has passed")

    static let testnetScenario = Command(
        path: ["testnet", "scenario"],
        summary: "Do to a testnet what a file says, and see whether it takes it",
        text: [
            "A scenario is a list of steps: faults, commands, and what must be seen then, each with a deadline. It is played "
                + "on a testnet of its own, named after the file, which is removed afterwards; one that fails is left for a look.",
            "With --name or --dir it is played on the testnet that is there, if that has as many nodes, and nothing is removed. "
                + "The last line begins with RESULT ok or RESULT failed.",
        ],
        arguments: [Argument(name: "FILE", summary: "The scenario", value: .path("FILE"))],
        flags: [keep.declaration] + TestnetFlags.place,
        examples: [
            Example("cairn testnet scenario Testnet/scenarios/smoke.toml", "Plays it on a testnet of its own."),
            Example(
                "cairn testnet scenario Testnet/scenarios/partition-heal.toml --json --keep",
                "For a script; the testnet stays."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let begin = Clock.monotonic()
            let path = joinPath(session.surroundings.workingDirectory, session.invocation.argument(0) ?? "")
            let scenario = try Scenario(file: path, text: TextFile.read(path))
            let isOwn =
                session.invocation[TestnetFlags.name] == nil && session.invocation[TestnetFlags.directory] == nil
            let directory =
                try isOwn ? TestnetDirectory(nil, name: ownName(path), session.surroundings) : TestnetDirectory(session)
            if !session.isJSON { session.out.write("scenario  \(scenario.about)\n") }
            if isOwn { try directory.removeTestnet() }
            var run: ScenarioRun?
            do throws(Failure) {
                let start = try bringUp(scenario, in: directory, session)
                var playing = ScenarioRun(scenario, on: start, session)
                defer { run = playing }
                try playing.play()
            } catch {
                answer(scenario, run, isGood: false, since: begin, session)
                throw error
            }
            if isOwn, !session.invocation.has(keep) { try directory.removeTestnet() }
            answer(scenario, run, isGood: true, since: begin, session)
            return .ok
        })

    /// `Testnet/scenarios/liar.toml` is played on the testnet `liar`.
    private static func ownName(_ path: String) -> String {
        let file = path.split(separator: "/").last.map(String.init) ?? ""
        let stem = file.hasSuffix(".toml") ? String(file.dropLast(5)) : file
        return isLabel(stem) ? stem : "scenario"
    }

    private static func bringUp(
        _ scenario: Scenario, in directory: TestnetDirectory, _ session: Session
    ) throws(Failure) -> TestnetStart {
        guard let manifest = try directory.manifest() else {
            let name = directory.path.split(separator: "/").last.map(String.init) ?? TestnetDirectory.defaultName
            return try bringUp(directory, session) { () throws(Failure) in
                try scenario.plan.manifest(
                    named: isLabel(name) ? name : TestnetDirectory.defaultName, in: directory)
            }
        }
        guard manifest.nodes.count == scenario.plan.nodes else {
            throw Failure(
                .testnetDiffers,
                "the scenario is about \(scenario.plan.nodes) nodes, testnet \(manifest.name) has \(manifest.nodes.count)",
                hints: [
                    Hint("cairn testnet scenario FILE", "without --name and --dir makes one that fits"),
                    Hint("cairn testnet purge", "removes the one that is there"),
                ])
        }
        return try bringUp(directory, session) { manifest }
    }

    private static func answer(
        _ scenario: Scenario, _ run: ScenarioRun?, isGood: Bool, since begin: Instant, _ session: Session
    ) {
        let span = Clock.monotonic().since(begin)
        let results = run?.results ?? []
        session.answer(
            [
                .init("about", .string(scenario.about)), .init("steps", .array(results.map(\.document))),
                .init("result", .string(isGood ? "ok" : "failed")), .init("milliseconds", JSON(span.milliseconds)),
            ],
            "RESULT \(isGood ? "ok" : "failed")  \(results.count(where: \.isGood)) of \(scenario.steps.count) steps  \(span.seconds)\n"
        )
    }
}

extension TestnetDirectory {
    /// Stops and removes the testnet that is here, if there is one.
    fileprivate func removeTestnet() throws(Failure) {
        guard let manifest = try manifest() else { return }
        let lock = try lock()
        _ = Testnet(directory: self, manifest: manifest).stop(within: .seconds(5))
        try Directory.remove(path)
        _ = consume lock
    }
}
