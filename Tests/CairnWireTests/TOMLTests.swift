import CairnBase
import CairnWire
import Testing

@Suite struct TOMLTests {
    @Test func readsWhatTheSubsetHas() throws {
        let document = try TOML(
            """
            # A comment.
            top = "root"   # another

            [p2p]
            listen = "0.0.0.0:7470"
            peers = [
                "127.2.0.1:7480",  # with a remark
                "127.3.0.1:7490",
            ]
            count = -1_000
            on = true
            [a.b]
            nested = [[1, 2], []]
            [[step]]
            do = "kill"\r
            [[step]]
            do = "say \\"hi\\"\\t\\u00e9\\\\"
            """)
        #expect(document.tables.map(\.path) == [[], ["p2p"], ["a", "b"], ["step"], ["step"]])
        #expect(document.tables[0]["top"]?.value == .string("root"))
        let p2p = try #require(document["p2p"])
        #expect(p2p["peers"]?.value == .array([.string("127.2.0.1:7480"), .string("127.3.0.1:7490")]))
        #expect(p2p["count"]?.value == .integer(-1000))
        #expect(p2p["on"]?.value == .bool(true))
        #expect(p2p["on"]?.line == 11)
        #expect(document["a", "b"]?["nested"]?.value == .array([.array([.integer(1), .integer(2)]), .array([])]))
        #expect(document.tables[4]["do"]?.value == .string("say \"hi\"\té\\"))
        #expect(try TOML("").tables.count == 1)
        #expect(try TOML("low = -9223372036854775808\nhigh = 9223372036854775807").tables[0].entries.count == 2)
    }

    @Test(arguments: [
        ("a", TOMLError.Reason.expectedEquals, 1, 2), ("= 1", .expectedKey, 1, 1), ("a =", .expectedValue, 1, 4),
        ("a = 1 b = 2", .expectedEndOfLine, 1, 7), ("\n\na = nope", .expectedValue, 3, 5),
        ("a = \"x", .unendedString, 1, 7), ("a = \"\\q\"", .invalidEscape, 1, 7),
        ("a = \"\\ud800\"", .invalidEscape, 1, 7), ("a = \"\u{1}\"", .controlCharacter, 1, 6),
        ("a = 01", .invalidNumber, 1, 5), ("a = 1__0", .invalidNumber, 1, 5), ("a = 1_", .invalidNumber, 1, 5),
        ("a = 0x10", .invalidNumber, 1, 5), ("a = -", .invalidNumber, 1, 5),
        ("a = 1.5", .unsupported("fractions"), 1, 5), ("a = 9223372036854775808", .numberOutOfRange, 1, 5),
        ("a = 'x'", .unsupported("strings in single quotes"), 1, 5), ("a = {}", .unsupported("inline tables"), 1, 5),
        ("a = \"\"\"", .unsupported("multi-line strings"), 1, 7), ("a.b = 1", .unsupported("dotted keys"), 1, 2),
        ("\"a\" = 1", .unsupported("quoted keys"), 1, 1), ("a = [1 2]", .expectedComma, 1, 8),
        ("a = [", .expectedValue, 1, 6), ("[a", .expectedBracket, 1, 3), ("[[a]", .expectedBracket, 1, 5),
        ("[]", .expectedKey, 1, 2), ("a = 1\na = 2", .duplicateKey("a"), 2, 6),
        ("[a]\n[a]", .duplicateTable("a"), 2, 4), ("[a]\n[[a]]", .duplicateTable("a"), 2, 6),
        ("a = [[[[[[[[[1]]]]]]]]]", .tooDeep(limit: 8), 1, 13),
    ])
    func refusesTheRestAndPointsAtIt(text: String, reason: TOMLError.Reason, line: Int, column: Int) {
        #expect(throws: TOMLError(reason: reason, line: line, column: column)) { try TOML(text) }
        #expect(!reason.description.isEmpty)
    }

    @Test func limitsHold() {
        var limits = TOML.Limits()
        limits.bytes = 16
        limits.entries = 3
        #expect(throws: (any Error).self) { try TOML("a = 1\nb = 2\nc = 3", limits: limits) }
        limits.bytes = 1 << 10
        #expect(throws: Never.self) { try TOML("a = 1\nb = 2\nc = 3", limits: limits) }
        #expect(throws: (any Error).self) { try TOML("a = 1\nb = [1, 2]", limits: limits) }
    }

    /// Bytes drawn from the characters that mean something: read or refused, never a trap, at a place in the text.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func anyTextIsReadOrRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("[]{}=.,#\"\\'\n\r\t ab_-+0179true\u{0}é".unicodeScalars)
        for _ in 0..<2_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<random.below(24) {
                if let scalar = alphabet.randomElement(using: &random) { text.append(scalar) }
            }
            do {
                _ = try TOML(String(text))
            } catch {
                #expect(error.line >= 1 && error.column >= 1 && error.column <= String(text).utf8.count + 1)
            }
        }
    }
}
