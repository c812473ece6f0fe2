import CairnBase
import CairnWire
import Testing

@Suite struct JSONTests {
    private func read(_ text: String, limits: JSONReader.Limits = .init()) throws(JSONError) -> JSON {
        try JSONReader.read(Array(text.utf8), limits: limits)
    }

    private func reason(_ text: String, limits: JSONReader.Limits = .init()) -> JSONError.Reason? {
        do {
            _ = try read(text, limits: limits)
            return nil
        } catch { return error.reason }
    }

    @Test func readsEveryKindOfValue() throws {
        let value = try read(#" { "a" : [ null , true,false ], "b":{"c":"x\n\u00e9\ud83e\udea8\/"}, "n":-12 } "#)
        #expect(value == ["a": [nil, true, false], "b": ["c": "x\né🪨/"], "n": -12])
        #expect(value["b"]?["c"]?.string == "x\né🪨/")
        #expect(value["n"]?.integer(Int8.self) == -12)
        #expect(value["n"]?.integer(UInt8.self) == nil)
        #expect(value["a"]?.array?.count == 3 && value["none"] == nil && value["n"]?["x"] == nil)
    }

    @Test func writingIsDeterministicAndKeepsOrder() {
        let value: JSON = ["z": 1, "a": [], "o": [:], "s": "\"\\\u{1b}[31m\u{9b}\u{7f}\t", "l": [1, nil]]
        #expect(value.text == #"{"z":1,"a":[],"o":{},"s":"\"\\\u001b[31m\u009b\u007f\t","l":[1,null]}"#)
        #expect(
            (["a": [1, ["b": []]], "c": [:]] as JSON).indentedText == """
                {
                  "a": [
                    1,
                    {
                      "b": []
                    }
                  ],
                  "c": {}
                }
                """)
    }

    @Test(
        arguments: [
            ("0", 0), ("-1", -1), ("18446744073709551615", Int128(UInt64.max)),
            ("-9223372036854775808", Int128(Int64.min)),
        ] as [(String, Int128)])
    func numbersToTheEdge(text: String, value: Int128) throws {
        #expect(try read(text) == .number(value))
        #expect(JSON.number(value).text == text)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd), (" ", .unexpectedEnd), ("{", .unexpectedEnd), ("[1,", .unexpectedEnd),
            ("\"a", .unexpectedEnd), ("\"\\", .unexpectedEnd), ("\"\\u00", .unexpectedEnd), ("tru", .unexpectedEnd),
            ("-", .unexpectedEnd), ("{\"a\"", .unexpectedEnd), ("{\"a\":", .unexpectedEnd),
            ("[1,]", .unexpected(byte: UInt8(ascii: "]"))), ("{,}", .unexpected(byte: UInt8(ascii: ","))),
            ("{\"a\" 1}", .unexpected(byte: UInt8(ascii: "1"))), ("[1 2]", .unexpected(byte: UInt8(ascii: "2"))),
            ("nul1", .unexpected(byte: UInt8(ascii: "1"))), ("NaN", .unexpected(byte: UInt8(ascii: "N"))),
            ("+1", .unexpected(byte: UInt8(ascii: "+"))), ("01", .unexpected(byte: UInt8(ascii: "1"))),
            ("00", .unexpected(byte: UInt8(ascii: "0"))), ("-a", .unexpected(byte: UInt8(ascii: "a"))),
            ("{a:1}", .unexpected(byte: UInt8(ascii: "a"))), ("'a'", .unexpected(byte: UInt8(ascii: "'"))),
            ("{1:2}", .unexpected(byte: UInt8(ascii: "1"))),
        ] as [(String, JSONError.Reason)])
    func malformed(text: String, expected: JSONError.Reason) {
        #expect(reason(text) == expected)
    }

    @Test(
        arguments: [
            ("1 1", .trailing(count: 1)), ("{}}", .trailing(count: 1)), ("1\0", .trailing(count: 1)),
            ("1.0", .notAnInteger), ("1e2", .notAnInteger), ("1E2", .notAnInteger), ("-0", .notAnInteger),
            ("0.5", .notAnInteger), ("1e400", .notAnInteger), ("18446744073709551616", .outOfRange),
            ("-9223372036854775809", .outOfRange), ("99999999999999999999999999", .outOfRange),
            ("{\"a\":1,\"a\":1}", .duplicateKey("a")), ("{\"a\":1,\"\\u0061\":2}", .duplicateKey("a")),
            ("\u{feff}1", .byteOrderMark), ("\"\n\"", .controlCharacter(10)), ("\"\\x\"", .invalidEscape),
            ("\"\\u00g0\"", .invalidEscape), ("\"\\u+123\"", .invalidEscape), ("\"\\ud800\"", .loneSurrogate),
            ("\"\\udc00\"", .loneSurrogate), ("\"\\ud800\\u0041\"", .loneSurrogate), ("\"\\ud800\\n\"", .loneSurrogate),
        ] as [(String, JSONError.Reason)])
    func wellFormedButRefused(text: String, expected: JSONError.Reason) {
        #expect(reason(text) == expected)
    }

    @Test func invalidUTF8IsRefusedInStringsAndElsewhere() {
        for bad in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]] as [[UInt8]] {
            let text = [UInt8(ascii: "\"")] + bad + [UInt8(ascii: "\"")]
            #expect(throws: JSONError.self) { try JSONReader.read(text) }
            #expect(throws: JSONError.self) { try JSONReader.read(bad) }
        }
    }

    @Test func limitsHoldExactly() {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(reason(nested(32)) == nil)
        #expect(reason(nested(33)) == .tooDeep(limit: 32))
        #expect(reason(String(repeating: "[", count: 100_000)) == .tooDeep(limit: 32))
        let items = { (count: Int) in "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]" }
        #expect(reason(items(9_999)) == nil)
        #expect(reason(items(10_000)) == .tooManyNodes(limit: 10_000))
        let limits = JSONReader.Limits(bytes: 12, stringBytes: 4)
        #expect(reason("\"abcd\"", limits: limits) == nil)
        #expect(reason("\"abcde\"", limits: limits) == .stringTooLong(limit: 4))
        #expect(reason("\"\\u00e9\\u00e9\"", limits: limits) == .documentTooLarge(limit: 12))
    }

    @Test func errorsSayWhere() throws {
        let text = "{\n  \"validators\": [\n    {\"bond\": 1},\n    {\"bond\": 1.5}\n  ]\n}"
        let error = try #require(throws: JSONError.self) { try read(text) }
        #expect(error.path == "$.validators[1].bond")
        #expect(error.line == 4 && error.column == 14 && error.reason == .notAnInteger)
        #expect(error.description == "4:14: $.validators[1].bond: only whole numbers are allowed")
        let odd = try #require(throws: JSONError.self) { try read(#"{"a b":{"":x}}"#) }
        #expect(odd.path == #"$["a b"][""]"# && odd.offset == 11)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func everyValueComesBackFromBothForms(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<40 {
            let value = JSON(random: &random, depth: 4)
            #expect(try read(value.text) == value)
            #expect(try read(value.indentedText) == value)
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func everyTruncationOfAnObjectIsRefused(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let bytes = Array((["v": JSON(random: &random, depth: 3)] as JSON).text.utf8)
        for count in bytes.indices {
            #expect(throws: JSONError.self) { try JSONReader.read(Array(bytes.prefix(count))) }
        }
    }
}

extension JSON {
    init(random: inout SeededRandom, depth: Int) {
        switch random.below(depth == 0 ? 4 : 6) {
        case 0: self = nil
        case 1: self = .bool(random.chance(ppm: 500_000))
        case 2: self = random.chance(ppm: 500_000) ? JSON(random.number()) : JSON(Int64(bitPattern: random.next()))
        case 3:
            let scalars = (0..<random.below(6)).compactMap { _ in Unicode.Scalar(UInt32(random.below(0x11_0000))) }
            self = .string(String(String.UnicodeScalarView(scalars)))
        case 4: self = .array((0..<random.below(4)).map { _ in JSON(random: &random, depth: depth - 1) })
        default:
            self = .object((0..<random.below(4)).map { Member("k\($0)", JSON(random: &random, depth: depth - 1)) })
        }
    }
}
