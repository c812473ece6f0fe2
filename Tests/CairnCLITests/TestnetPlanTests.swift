import CairnBase
import CairnWire
import Testing

@testable import CairnCLI

@Suite struct TestnetPlanTests {
    private func plan(_ text: String) throws(Failure) -> TestnetPlan {
        try TestnetPlan(file: "/x/plan.toml", text: text)
    }

    @Test func everyShippedManifestReads() throws {
        let folder = joinPath(parent(of: parent(of: parent(of: #filePath))), "Testnet/manifests")
        let names = Directory.names(folder).filter { $0.hasSuffix(".toml") }
        #expect(!names.isEmpty)
        for name in names {
            let file = joinPath(folder, name)
            let plan = try TestnetPlan(file: file, text: TextFile.read(file))
            if let town = plan.town {
                #expect(try Town(file: town, text: TextFile.read(town)).places.count >= plan.nodes)
            }
            if let scenario = plan.scenario {
                // What it is played on must be what it asks for.
                let wanted = try Scenario(file: scenario, for: plan).plan
                let towns = try [wanted, plan].map { try $0.town.map { try TextFile.read($0) } }
                #expect(wanted.holders == plan.holders && towns[0] == towns[1])
            }
        }
    }

    @Test func allOfItIsRead() throws {
        let plan = try plan(
            """
            [testnet]
            nodes = 3
            seed = 7
            pace = 0
            town = "../places/t.toml"
            holders = "n2,n0"
            room = "2GiB"
            scenario = "s.toml"
            """)
        #expect(plan.nodes == 3 && plan.seed == 7 && plan.pace == 0 && plan.room == 2 << 30)
        #expect(plan.holders == [2, 0] && plan.town == "/x/../places/t.toml" && plan.scenario == "/x/s.toml")
        let manifest = try TestnetManifest(name: "a", plan) { _ in true }
        #expect(manifest.nodes.map(\.room) == [2 << 30, nil, 2 << 30] && manifest.hasRadios && manifest.hasHolders)
        #expect(try TestnetManifest(file: "m", text: manifest.text) == manifest)
        #expect(try self.plan("[testnet]") == TestnetPlan())
    }

    @Test(arguments: [
        "", "nodes = 4", "[testnet]\nnodes = 0", "[testnet]\nnodes = 101", "[testnet]\nnodes = \"4\"",
        "[testnet]\nsed = 1",
        "[testnet]\nseed = -1", "[testnet]\npace = 10001", "[testnet]\nholders = \"n4\"",
        "[testnet]\nholders = \"n1,n1\"",
        "[testnet]\nholders = \"n1,\"", "[testnet]\nroom = \"64\"", "[testnet]\nroom = \"0MiB\"", "[testnet]\ntown = 3",
        "[testnet]\nabout = \"x\"", "[testnet]\n[[step]]\nwait = \"1s\"", "not toml",
    ])
    func whatIsNoPlanIsRefused(text: String) {
        let failure = #expect(throws: Failure.self) { try plan(text) }
        #expect(failure?.code == .planInvalid)
        #expect(failure?.message.hasPrefix("/x/plan.toml") ?? false, "\(failure?.message ?? "")")
    }

    @Test func filesAreWhatTheSeedSaysAndAreComparedToTheLastByte() throws {
        try withTemporaryDirectory { directory in
            let files = TestFiles(folder: joinPath(directory, "files"))
            try files.make("./a", bytes: 1 << 20 | 5, seed: 1)
            try files.make("./b", bytes: 1 << 20 | 5, seed: 2)
            #expect(files.sameLength("./a", "./a") == 1 << 20 | 5)
            #expect(files.sameLength("./a", "./b") == nil && files.sameLength("./a", "./c") == nil)
            try files.make("./a", bytes: 7, seed: 1)
            #expect(files.sameLength("./a", "./b") == nil)
        }
    }

    @Test func whatPaidAndUnpaidMean() throws {
        var now = Observation(nodes: [:])
        var node = Observation.Node()
        node.gateway.verdicts = 2
        node.gateway.reasons = [.noQuorum: 2]
        now.nodes["n0"] = node
        node.gateway.paying = 1
        node.gateway.paid = .one
        now.nodes["n1"] = node
        func judge(_ text: String) throws -> ScenarioExpectation.Judgement {
            try ScenarioExpectation(text, ["n0", "n1", "n2"], "here").judge(now, since: now, after: .zero)
        }
        #expect(try judge("unpaid on n0") == .holds("n0: 2 verdicts, 0 paying (noQuorum 2)"))
        #expect(try judge("unpaid on n1") == .broken("n1 earned: 2 verdicts, 1 paying (noQuorum 2)"))
        #expect(try judge("unpaid on n0,n2") == .notYet("n2 was not judged yet"))
        now.nodes["n0"]?.gateway.paid = .one
        #expect(try judge("unpaid on n0") == .broken("n0 earned: 2 verdicts, 0 paying (noQuorum 2)"))
        #expect(try judge("unproven on n0") == .holds("n0: 2 verdicts, 0 paying (noQuorum 2)"))
        #expect(try judge("unproven on n1") == .broken("n1 earned: 2 verdicts, 1 paying (noQuorum 2)"))
        now.nodes["n0"]?.gateway.paid = .zero
        #expect(try judge("paid on n1") == .holds("1 gateways were paid"))
        #expect(
            try judge("paid on all") == .notYet("n0 was paid nothing; 2 verdicts, 0 paying (noQuorum 2)"))
        #expect(try judge("earned on n1") == .notYet("no owner has paid n1; 2 verdicts, 1 paying (noQuorum 2)"))
        #expect(
            try judge("unearned on n0") == .notYet("n0 was not left unpaid; 2 verdicts, 0 paying (noQuorum 2)"))
        now.nodes["n1"]?.gateway.earned = .one
        now.nodes["n0"]?.gateway.unearned = 1
        #expect(try judge("earned on n1") == .holds("n1 1"))
        #expect(try judge("unearned on n0") == .holds("n0: 2 verdicts, 0 paying (noQuorum 2)"))
        #expect(try judge("shards >= 8 of film on n0") == .notYet("n0 cannot say how film is"))
        now.shards = 7
        #expect(try judge("shards >= 8 of film on n0") == .notYet("n0 sees 7 shards held"))
        #expect(try judge("shards <= 7 of film on n0") == .holds("7 are held"))
        #expect(throws: Failure.self) { try judge("shards >= 8 of film on n0,n1") }
        #expect(try judge("log any says rain") == .notYet("nobody has said it"))
        now.nodes["n1"]?.log = "no rain"
        #expect(try judge("log any says rain") == .holds("n1 said so"))
        #expect(try judge("same ./a ./b") == .broken("./a and ./b differ"))
        now.sameLength = 3
        #expect(try judge("same ./a ./b") == .holds("3 bytes, all the same"))
    }
}
