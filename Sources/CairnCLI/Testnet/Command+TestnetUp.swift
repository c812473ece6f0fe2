import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    static let testnetUp = Command(
        path: ["testnet", "up"],
        summary: "Start a testnet and wait until it works",
        text: [
            "Every node is a process of its own with its own home, keys and log, on a loopback network of its own. Keys "
                + "come from the seed, so the same seed gives the same network. Ports that are taken are passed over.",
            "A manifest says what a testnet is made of, and may name a scenario that is played once the new testnet works. "
                + "A testnet that is there already is started again, and nodes that run are left alone. The last line begins "
                + "with RESULT ok or RESULT failed.",
        ],
        flags: TestnetFlags.shape + TestnetFlags.place,
        examples: [
            Example("cairn testnet up", "Starts four nodes, or those that are down."),
            Example(
                "cairn testnet up --manifest Testnet/manifests/two-towns.toml",
                "Twelve nodes with gateways, eight of them with room for others' files, and a first look at all of it."),
        ],
        exits: [.failed, .conflict, .damaged],
        run: { session throws(Failure) in
            let begin = Clock.monotonic()
            do throws(Failure) {
                let (start, scenario) = try bringUp(session)
                var shown: [ScenarioRun.Result] = []
                if let scenario {
                    if !session.isJSON { session.out.write("\n  \(scenario.about)\n") }
                    var run = ScenarioRun(scenario, on: start, session)
                    try run.play()
                    shown = run.results
                }
                let states = start.testnet.states(timeout: .seconds(2))
                let services = try start.testnet.manifest.hasRadios ? TestnetPay(start.testnet).services : []
                let span = Clock.monotonic().since(begin)
                session.answer(
                    start.testnet.fields(states) + [
                        .init("steps", .array(start.steps.map(\.document))),
                        .init("scenario", .array(shown.map(\.document))),
                        .init("services", .array(services.map(\.document))), .init("result", "ok"),
                        .init("milliseconds", JSON(span.milliseconds)),
                    ],
                    "\n" + start.testnet.table(states, session) + "\n" + report(services) + next(start.testnet)
                        + "RESULT ok \(span.seconds)\n")
                return .ok
            } catch {
                if !session.isJSON { session.out.write("RESULT failed \(Clock.monotonic().since(begin).seconds)\n") }
                throw error
            }
        })

    /// Starts the testnet there is, or makes the one that is asked for; with the scenario to be played on a new one.
    static func bringUp(_ session: Session) throws(Failure) -> (start: TestnetStart, scenario: Scenario?) {
        let directory = try TestnetDirectory(session)
        let plan = try TestnetPlan(session)
        let name = session.invocation[TestnetFlags.name] ?? TestnetDirectory.defaultName
        var scenario: Scenario?
        let start = try bringUp(directory, session, isPlayed: { scenario != nil }) { () throws(Failure) in
            if let manifest = try directory.manifest() {
                guard plan.fits(manifest, asIn: session) else { throw differs(manifest, directory) }
                return manifest
            }
            scenario = try plan.scenario.map { file throws(Failure) in try Scenario(file: file, for: plan) }
            return try plan.manifest(named: name, in: directory)
        }
        return (start, scenario)
    }

    /// Starts a testnet while no other command does; its manifest is made when it is this command's turn.
    ///
    /// - Parameter isPlayed: whether a scenario will be, once the manifest is there; it expects by itself what it is about.
    static func bringUp(
        _ directory: TestnetDirectory, _ session: Session, isPlayed: () -> Bool = { false },
        _ manifest: () throws(Failure) -> TestnetManifest
    ) throws(Failure) -> TestnetStart {
        try Directory.make(directory.path)
        let lock = try directory.lock()
        try directory.requireWhole()
        let ports = try TestnetDirectory.lockPorts(session.surroundings)
        var start = TestnetStart(
            testnet: Testnet(directory: directory, manifest: try manifest()), session: session,
            program: session.surroundings.program)
        try start.untilReady()
        _ = consume ports
        try start.untilMeshed()
        try start.untilAgreed()
        if start.testnet.manifest.hasRadios { try start.untilRegistered(awaitingPay: !isPlayed()) }
        _ = consume lock
        return start
    }

    private static func differs(_ manifest: TestnetManifest, _ directory: TestnetDirectory) -> Failure {
        Failure(
            .testnetDiffers,
            "testnet \(manifest.name) has \(manifest.nodes.count) nodes and seed \(manifest.seed) already",
            found: [Hint(directory.manifestFile)],
            hints: [
                Hint("cairn testnet up", "starts it as it is"), Hint("cairn testnet purge", "removes it first"),
                Hint("--name NAME", "makes another beside it"),
            ])
    }

    /// What was proven and paid until now, by service.
    private static func report(_ services: [TestnetPay.Service]) -> String {
        services.isEmpty ? "" : services.map { "  \($0.words)\n" }.joined() + "\n"
    }

    private static func next(_ testnet: Testnet) -> String {
        let last = testnet.manifest.nodes.last?.name ?? "n0"
        let isUsual = testnet.manifest.name == TestnetDirectory.defaultName
        let name = isUsual ? "" : " --name \(testnet.manifest.name)"
        return "next  cairn testnet status\(name) · cairn testnet logs -f \(last)\(name) · "
            + "cairn testnet exec\(name) \(last) -- status · cairn testnet down\(name)\n"
    }
}

extension TestnetStart.Step {
    fileprivate var document: JSON {
        ["step": .string(name), "detail": .string(detail), "milliseconds": JSON(span.milliseconds)]
    }
}
