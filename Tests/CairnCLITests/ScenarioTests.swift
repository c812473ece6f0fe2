import CairnBase
import CairnWire
import Testing

@testable import CairnCLI

/// Scenarios as files, what they expect, and one that is played.
@Suite struct ScenarioTests {
    private func scenario(_ steps: String, nodes: Int = 4) throws(Failure) -> Scenario {
        try Scenario(file: "s.toml", text: "[scenario]\nabout = \"x\"\nnodes = \(nodes)\n\(steps)")
    }

    @Test func everyShippedScenarioReads() throws {
        let repository = parent(of: parent(of: parent(of: #filePath)))
        let folder = joinPath(repository, "Testnet/scenarios")
        let files = Directory.names(folder).filter { $0.hasSuffix(".toml") }
        #expect(files.count >= 6)
        for file in files {
            let path = joinPath(folder, file)
            let scenario = try Scenario(file: path, text: TextFile.read(path))
            #expect(
                !scenario.about.isEmpty && scenario.steps.contains { if case .expect = $0.kind { true } else { false } }
            )
            if let town = scenario.plan.town { #expect(fileExists(town)) }
        }
    }

    @Test func stepsReadAsTheyAreMeant() throws {
        let scenario = try scenario(
            """
            [[step]]
            do = "fault delay n1 200ms"
            [[step]]
            do = "run n2 wallet send @n1 5 --wait => 6"
            [[step]]
            expect = "height + 5 on n0,n3"
            within = "2m"
            [[step]]
            expect = "log n1 says wrong genesis"
            [[step]]
            wait = "3s"
            """)
        #expect(
            scenario.steps.map(\.kind) == [
                .act(.fault(kind: "delay", words: ["n1", "200ms"])),
                .act(.run(node: "n2", words: ["wallet", "send", "@n1", "5", "--wait"], exit: 6)),
                .expect(.gain(5, nodes: ["n0", "n3"])), .expect(.log(node: "n1", text: "wrong genesis")),
                .wait(.seconds(3)),
            ])
        #expect(scenario.steps[2].within == .seconds(120))
        #expect(scenario.steps.map(\.line) == [4, 6, 8, 11, 13])
    }

    @Test(arguments: [
        "", "[[step]]", "[[step]]\ndo = \"heal\"\nexpect = \"agree on all\"", "[[step]]\ndo = \"heal now\"",
        "[step]\ndo = \"heal\"",
        "[[step]]\ndo = \"fault explode n1\"", "[[step]]\ndo = \"fault kill\"", "[[step]]\ndo = \"upgrade n4\"",
        "[[step]]\ndo = \"run n4 status\"", "[[step]]\ndo = 3", "[[step]]\nexpect = \"height > 3 on all\"",
        "[[step]]\nexpect = \"height >= 3\"", "[[step]]\nexpect = \"height >= -3 on all\"",
        "[[step]]\nexpect = \"agree on n0,n4\"", "[[step]]\nexpect = \"agree on \"",
        "[[step]]\nexpect = \"state dead on n1\"",
        "[[step]]\nexpect = \"height still for 6 on all\"", "[[step]]\nwait = \"31m\"", "[[step]]\nwait = \"soon\"",
        "[[step]]\nwait = \"1s\"\nwithn = \"2s\"", "[[step]]\ndo = \"heal\"\nwithin = 3", "[[place]]\nwait = \"1s\"",
        "[[step]]\nexpect = \"\"", "[[step]\nwait = \"1s\"", "speed = 4\n[[step]]\nwait = \"1s\"",
    ])
    func whatIsNoScenarioIsRefused(_ steps: String) {
        let refusal = #expect(throws: Failure.self) { try scenario(steps) }
        #expect(refusal?.code == .scenarioInvalid)
        #expect(refusal?.message.hasPrefix("s.toml:") ?? false, "\(refusal?.message ?? "")")
    }

    // MARK: Judging

    private func seen(_ heights: [UInt64?], state: String = "up") -> Observation {
        var nodes: [String: Observation.Node] = [:]
        for (index, height) in heights.enumerated() {
            var node = Observation.Node(state: height == nil ? "down" : state, height: height)
            if let height {
                node.recent = Dictionary(
                    uniqueKeysWithValues: (height - min(height, 3)...height).map { ($0, "block\($0)") })
            }
            nodes["n\(index)"] = node
        }
        return Observation(nodes: nodes)
    }

    private func judge(
        _ text: String, _ now: Observation, since begin: Observation, after span: TimeSpan = .zero
    ) throws -> ScenarioExpectation.Judgement {
        try ScenarioExpectation(text, ["n0", "n1", "n2"], "here").judge(now, since: begin, after: span)
    }

    @Test func heightsAreComparedWithTheFurthestAtTheBeginning() throws {
        let begin = seen([10, 12, nil])
        #expect(try judge("height + 5 on n0,n1", seen([17, 18, nil]), since: begin) == .holds("height 17 to 18"))
        #expect(
            try judge("height + 5 on n0,n1", seen([16, 18, nil]), since: begin)
                == .notYet("n0 has height 16, wanted 17"))
        #expect(try judge("height + 5 on all", seen([17, 18, nil]), since: begin) == .notYet("n2 is down"))
        #expect(try judge("height >= 3 on n0", begin, since: begin) == .holds("height 10"))
        #expect(try judge("state down on n2", begin, since: begin) == .holds("n2 down"))
        #expect(try judge("state down on all", begin, since: begin) == .notYet("n0 is up"))
    }

    @Test func standingStillTakesItsTimeAndIsOverAtTheFirstBlock() throws {
        let begin = seen([10, 12, 12])
        let still = "height still for 6s on all"
        #expect(try judge(still, begin, since: begin, after: .seconds(5)) == .notYet("6s are not over"))
        #expect(try judge(still, begin, since: begin, after: .seconds(6)) == .holds("nobody gained a block in 6s"))
        #expect(
            try judge(still, seen([11, 12, 12]), since: begin, after: .seconds(1))
                == .broken("n0 went from height 10 to 11"))
    }

    @Test func agreementNeedsACommonHeightAndBreaksAtAnyFork() throws {
        var now = seen([10, 11, 12])
        #expect(try judge("agree on all", now, since: now) == .holds("block 10 block10 on 3 nodes"))
        now.nodes["n1"]?.recent[9] = "other"
        #expect(try judge("agree on all", now, since: now) == .broken("they have different blocks at height 9"))
        let apart = seen([10, 100, 100])
        #expect(try judge("agree on all", apart, since: apart) == .notYet("no height is known to all of them"))
    }

    // MARK: Played

    @Test func aScenarioThatDoesNotComeTrueSaysWhere() throws {
        try withTestnetAddresses { directory in
            let file = joinPath(directory, "hope.toml")
            let text = """
                [scenario]
                about = "One node makes a million blocks in no time"
                nodes = 1

                [[step]]
                expect = "height + 1 on all"

                [[step]]
                do = "run n0 wallet balance @n0"

                [[step]]
                do = "run n0 wallet balance cn1nobody => 2"

                [[step]]
                do = "upgrade n0"

                [[step]]
                expect = "height + 1 on all"

                [[step]]
                expect = "height >= 1000000 on n0"
                within = "200ms"
                """
            try TextFile.create(file, text)
            let program = joinPath(parent(of: Surroundings.ofProcess.program), "cairn")
            let net = joinPath(directory, "net")
            func run(_ words: String...) -> TestRun {
                TestRun(
                    ["testnet"] + words + ["--dir", net], environment: ["PATH": "/usr/bin:/bin"], directory: directory,
                    program: program)
            }
            defer { _ = run("purge") }
            let played = run("scenario", file)
            #expect(played.error == "E1004", "\(played.out)\(played.notes)")
            #expect(played.exit == .failed)
            #expect(played.out.contains("FAIL  expect height >= 1000000 on n0"))
            #expect(played.out.split(separator: "\n").last?.hasPrefix("RESULT failed  5 of 6 steps") ?? false)
            #expect(run("status").exit == .ok, "it is left for a look")
        }
    }
}
