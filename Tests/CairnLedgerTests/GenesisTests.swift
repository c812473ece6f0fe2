import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire
import Testing

@Suite struct GenesisTests {
    static let file = """
        {
          "network": "sample-1", "symbol": "CRN", "time": 1700000000000, "profile": "testnet",
          "parameters": {"epochBlocks": 60, "feeMin": 7},
          "accounts": [
            {"account": "A2", "balance": "12.5"},
            {"account": "A1", "balance": "1000000"}
          ],
          "validators": [
            {"account": "A1", "node": "NODE", "bond": "200",
             "voteKey": "0303030303030303030303030303030303030303030303030303030303030303",
             "randomnessKey": "0404040404040404040404040404040404040404040404040404040404040404"}
          ]
        }
        """
        .replacing("A1", with: account(1).text).replacing("A2", with: account(2).text)
        .replacing("NODE", with: NodeID(repeated(5)).peerID)

    private func read(_ text: String) throws -> Genesis {
        try Genesis(json: JSONReader.read(Array(text.utf8), limits: Genesis.jsonLimits))
    }

    @Test func aFileBecomesOneChain() throws {
        let genesis = try read(Self.file)
        #expect(genesis.accounts.map(\.balance) == [Amount(units: 100_000_000_000_000), Amount(units: 1_250_000_000)])
        #expect(genesis.parameters[.epochBlocks] == 60)
        #expect(genesis.parameters[.blockPace] == 1000)
        #expect(try Genesis.decode(genesis.encoded, limit: Genesis.byteCountMax) == genesis)
        #expect(try Genesis(json: genesis.json) == genesis)
        let chain = genesis.chain(using: Blake2b())
        #expect(chain.raw == Blake2b().digest(DomainTag("cn/chain"), genesis.encoded).raw)
        #expect(try read(Self.file.replacing("12.5", with: "12.6")).chain(using: Blake2b()) != chain)
    }

    @Test func commentsChangeNothing() throws {
        let plain = try read(Self.file)
        let commented = Self.file.replacing(#""network""#, with: ##""//": ["what", "this is"], "network""##)
            .replacing(#""balance": "12.5""#, with: #""balance": "12.5", "//": "mine""#)
        #expect(try read(commented) == plain)
        for value in ["1", "{}", "[1]", "null"] {
            let wrong = Self.file.replacing(#""network""#, with: "\"//\": \(value), \"network\"")
            let error = #expect(throws: GenesisError.self) { try read(wrong) }
            #expect(error?.reason == .wrongType("text or list of texts") && error?.path == "$.//")
        }
    }

    @Test func everyTokenIsSomewhere() throws {
        let genesis = try read(Self.file)
        var state = MemoryState()
        state.commit(try Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b()).begin(genesis))
        #expect(audit(state.entries) == [])
        #expect(try state.load(.committee(Epoch(1)))?.members.map(\.weight) == [200 * Amount.one.units])
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let find: String
        let replace: String
        let reason: GenesisError.Reason
        let path: String

        var testDescription: String { "\(path): \(reason)" }
    }

    @Test(arguments: [
        Mistake(find: #""sample-1""#, replace: #""Sample""#, reason: .name, path: "$.network"),
        Mistake(find: #""sample-1""#, replace: #""""#, reason: .name, path: "$.network"),
        Mistake(find: #""sample-1""#, replace: "1", reason: .wrongType("string"), path: "$.network"),
        Mistake(find: #""CRN""#, replace: #""crn""#, reason: .symbol, path: "$.symbol"),
        Mistake(find: #""time""#, replace: #""Time""#, reason: .unknownKey, path: "$.Time"),
        Mistake(find: "1700000000000", replace: "-1", reason: .wrongType("whole number"), path: "$.time"),
        Mistake(find: #""testnet""#, replace: #""devnet""#, reason: .invalidText("profile"), path: "$.profile"),
        Mistake(find: "60", replace: "0", reason: .outOfBounds(2...7200), path: "$.parameters.epochBlocks"),
        Mistake(find: #""12.5""#, replace: #""-1""#, reason: .invalidText("amount"), path: "$.accounts[0].balance"),
        Mistake(find: #""12.5""#, replace: "12", reason: .wrongType("string"), path: "$.accounts[0].balance"),
        Mistake(find: #""1000000""#, replace: #""1000000000""#, reason: .aboveCap, path: "$.accounts"),
        Mistake(
            find: #""bond": "200""#, replace: #""bond": "99""#,
            reason: .bondBelowMinimum(Amount(units: 10_000_000_000)), path: "$.validators[0].bond"),
        Mistake(find: "0303", replace: "zz03", reason: .invalidText("key"), path: "$.validators[0].voteKey"),
        Mistake(find: account(2).text, replace: account(1).text, reason: .duplicate, path: "$.accounts[1].account"),
        Mistake(find: account(2).text, replace: "cn1", reason: .invalidText("account"), path: "$.accounts[0].account"),
        Mistake(
            find: #""balance": "12.5""#, replace: #""amount": "12.5""#, reason: .unknownKey,
            path: "$.accounts[0].amount"),
        Mistake(find: #", "balance": "12.5""#, replace: "", reason: .missing, path: "$.accounts[0].balance"),
        Mistake(find: #""time""#, replace: #""treasury": "999000000", "time""#, reason: .aboveCap, path: "$.accounts"),
        Mistake(
            find: #""bond": "200""#, replace: #""bond": "184467440737.09551616""#, reason: .invalidText("amount"),
            path: "$.validators[0].bond"),
        Mistake(
            find: #""bond": "200""#, replace: #""bond": "0""#,
            reason: .bondBelowMinimum(Amount(units: 10_000_000_000)), path: "$.validators[0].bond"),
        Mistake(
            find: #""validators": ["#, replace: #""anchors": [], "validators": [{}, "#, reason: .missing,
            path: "$.validators[0].account"),
    ])
    func aMistakeIsNamedWhereItIs(_ mistake: Mistake) throws {
        let text = Self.file.replacing(mistake.find, with: mistake.replace, maxReplacements: 1)
        try #require(text != Self.file)
        let error = #expect(throws: GenesisError.self) { try read(text) }
        #expect(error?.reason == mistake.reason)
        #expect(error?.path == mistake.path)
    }

    @Test func nobodyFoundsTwice() throws {
        let list = try #require(Self.file.split(separator: "\"validators\": [").last)
        let founder = String(list.prefix { $0 != "]" })
        let other = founder.replacing(account(1).text, with: account(2).text)
        for (second, path) in [
            (founder, "$.validators[1].account"), (other, "$.validators[1].voteKey"),
            (other.replacing("0303", with: "0505"), "$.validators[1].node"),
        ] {
            let error = #expect(throws: GenesisError.self) {
                try read(Self.file.replacing(founder, with: founder + ", " + second))
            }
            #expect(error?.reason == .duplicate && error?.path == path)
        }
    }

    /// A file is read strictly before anything in it is looked at.
    @Test(arguments: [
        "\u{feff}" + file, file + "{}", file.replacing("\"time\"", with: "\"symbol\": \"CRN\", \"time\""),
        file.replacing("1700000000000", with: "1.7e12"), file.replacing("1700000000000", with: "017"),
        file.replacing("1700000000000", with: "18446744073709551616"),
        String(repeating: "[", count: 100), String(file.dropLast(3)), "",
    ])
    func whatIsNoStrictJSONIsNoGenesis(text: String) {
        #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8), limits: Genesis.jsonLimits) }
    }

    @Test func canonicalBytesHaveOneOrder() throws {
        let genesis = try read(Self.file)
        let bytes = genesis.encoded
        for count in bytes.indices {
            #expect(throws: DecodeError.self) {
                try Genesis.decode(Array(bytes[..<count]), limit: Genesis.byteCountMax)
            }
        }
        // Two entries of forty bytes each change places.
        let start = try #require(bytes.firstRange(of: account(1).raw.bytes)).lowerBound
        let swapped =
            bytes[..<start] + bytes[start + 40..<start + 80] + bytes[start..<start + 40] + bytes[(start + 80)...]
        #expect(throws: DecodeError.notCanonical("genesis order")) {
            try Genesis.decode(Array(swapped), limit: Genesis.byteCountMax)
        }
    }
}
