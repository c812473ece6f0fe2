import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire
import Glibc
import Testing

@testable import CairnCLI

/// What a node answers about its chain over HTTP is what the commands say beside it.
@Suite struct ChainQuestionTests {
    private func makeHome(_ path: String) throws {
        try Directory.make(path)
        let key = PublicKey(Bytes32([UInt8](repeating: 7, count: 32)) ?? .zero)
        let genesis = try Genesis(
            network: "asked", symbol: "CRN", time: 1_700_000_000_000, parameters: Parameters(.testnet), accounts: [],
            validators: [
                Genesis.FoundingValidator(
                    account: AccountID(key.raw),
                    keys: ValidatorKeys(node: NodeID(key), vote: key, randomness: VRFPublicKey(key.raw)),
                    bond: Amount(units: 200 * Amount.one.units))
            ])
        try TextFile.create(Home(path: path).genesisFile, genesis.json.indentedText + "\n")
        let chain = genesis.chain(using: Blake2b())
        let store = try ChainStore(directory: path)
        try store.begin(
            chain: chain, genesis: genesis.encoded, time: genesis.time,
            Ledger(chain: chain, hash: Blake2b()).begin(genesis))
    }

    private func questions(_ home: String) -> [ChainQuestion] {
        let session = Session.ofNobody(registry: home + "/none")
        return ChainQuestion.all(of: Home(path: home), session)
    }

    private func ask(_ name: String, _ values: [String: String], _ home: String) throws -> HTTPResponse {
        try #require(questions(home).first { $0.name == name }).answer(values)
    }

    @Test func anAnswerIsTheDocumentOfTheCommand() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            try makeHome(home)
            for (name, values, line) in [
                ("chain.supply", [:], "chain supply"), ("chain.committee", [:], "chain committee"),
                ("validator.list", ["limit": "1", "skip": "1"], "validator list --limit 1 --skip 1"),
                ("params", [:], "params"), ("gov.list", [:], "gov list"), ("resource.list", [:], "resource list"),
                ("proofs.list", [:], "proofs list"), ("why", ["what": "badLeaf"], "why badLeaf"),
            ] as [(String, [String: String], String)] {
                let answer = try ask(name, values, home)
                let run = TestRun(
                    line.split(separator: " ").map(String.init) + ["--json", "--home", home], directory: directory)
                #expect(answer.status == .ok && run.exit == .ok, "\(line): \(run.notes)")
                #expect(String(decoding: answer.body, as: UTF8.self) == run.out)
            }
        }
    }

    /// A value is a value, whatever it looks like; the path of the home is nobody's to choose.
    @Test func valuesAreNoFlags() throws {
        try withTemporaryDirectory { directory in
            let home = directory + "/home"
            try makeHome(home)
            for (name, values, status) in [
                ("why", ["what": "--home=/"], HTTPStatus.badRequest),
                ("resource.show", ["resource": "--help"], .badRequest),
                ("resource.show", ["resource": "abcd"], .notFound), ("gov.show", ["number": "-1"], .badRequest),
                ("gov.show", ["number": "7"], .notFound), ("chain.block", ["block": "--at=3"], .badRequest),
                ("chain.tx", ["id": String(repeating: "0", count: 64)], .notFound),
                ("resource.list", ["controller": "cn1 --at 1"], .badRequest),
                ("rewards.list", ["epoch": "9"], .notFound),
                ("chain.supply", ["at": "9", "home": "/"], .ok),
            ] as [(String, [String: String], HTTPStatus)] {
                let answer = try ask(name, values, home)
                #expect(answer.status == status, "\(name) \(values): \(String(decoding: answer.body, as: UTF8.self))")
                guard status != .ok else { continue }
                let problem = try JSONReader.read(answer.body)
                #expect(problem["code"]?.string != nil && problem["hint"]?.string != nil)
            }
        }
    }

    @Test func everyQuestionHasItsOwnPathAndName() {
        let all = questions("/nowhere")
        #expect(Set(all.map(\.path)).count == all.count && Set(all.map(\.name)).count == all.count)
        for question in all {
            #expect(question.path.hasPrefix("/v1/") && !question.summary.isEmpty)
            #expect(!question.parameters.contains { ["at", "watch", "home", "node"].contains($0.name) })
            #expect(question.answer([:]).status != .ok)
        }
    }

    @Test func anAPIThatOthersReachTakesAToken() throws {
        try withTemporaryDirectory { directory in
            func checked(_ file: String) throws -> AccessToken? {
                var config = Config()
                try config.take(file: "c.toml", text: file)
                try config.checkWhole()
                return try config.accessToken()
            }
            let path = directory + "/token"
            let open = "[api]\nlisten = \"0.0.0.0:7471\"\n"
            #expect(throws: Failure.openAPI(try #require(Endpoint("0.0.0.0:7471")))) { try checked(open) }
            #expect(try checked("[api]\nlisten = \"127.0.0.9:7471\"\n") == nil)
            let named = open + "token_file = \"\(path)\"\n"
            #expect(throws: Failure.self) { try checked(named) }
            try TextFile.create(path, "0123456789abcdefghijklmn\n", mode: 0o644)
            #expect(throws: Failure.self) { try checked(named) }
            #expect(chmod(path, 0o600) == 0)
            #expect(try checked(named) == AccessToken("0123456789abcdefghijklmn"))
            try TextFile.replace(path, "short\n", mode: 0o600)
            #expect(throws: Failure.self) { try checked(named) }
        }
    }
}
