import CairnBase
import CairnWire
import Testing

@Suite struct TextEncodingTests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", "", ""), ("f", "my", "Zg=="), ("fo", "mzxq", "Zm8="), ("foo", "mzxw6", "Zm9v"),
        ("foob", "mzxw6yq", "Zm9vYg=="), ("fooba", "mzxw6ytb", "Zm9vYmE="), ("foobar", "mzxw6ytboi", "Zm9vYmFy"),
    ])
    func rfc4648(plain: String, base32: String, base64: String) throws {
        let bytes = Array(plain.utf8)
        #expect(Base32.encode(bytes) == base32)
        #expect(Base64.encode(bytes) == base64)
        #expect(try Base32.decode(base32, limit: 6) == bytes)
        #expect(try Base64.decode(base64, limit: 6) == bytes)
        #expect(try Base64.decode(base64.filter { $0 != "=" }, .tolerant, limit: 6) == bytes)
    }

    /// draft-msporny-base58, and the example of leading zeros there.
    @Test(arguments: [
        ("", ""), ("48656c6c6f20576f726c6421", "2NEpo7TZRRrLZSi2U"), ("0000287fb4cd", "11233QC4"), ("00", "1"),
        (
            "54686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672e",
            "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"
        ),
    ])
    func base58(plain: String, text: String) throws {
        let raw = try #require(bytes(hex: plain))
        #expect(Base58.encode(raw) == text)
        #expect(try Base58.decode(text, limit: 44) == raw)
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func everyByteStringComesBack(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for count in 0..<60 {
            let zeros = Int(random.below(4))
            let bytes = [UInt8](repeating: 0, count: min(zeros, count)) + random.bytes(max(0, count - zeros))
            #expect(try Base58.decode(Base58.encode(bytes), limit: count) == bytes)
            #expect(try Base32.decode(Base32.encode(bytes), limit: count) == bytes)
            #expect(try Base64.decode(Base64.encode(bytes), limit: count) == bytes)
            if count < 50 { #expect(try Bech32m.decode(prefix: "x", Bech32m.encode(prefix: "x", bytes)) == bytes) }
        }
    }

    /// Any accepted text is the one text of its bytes.
    @Test func acceptedTextIsCanonical() {
        var random = SeededRandom(seed: 3)
        let characters = Array("abcdwxyz234567=ABCZ01+/1".utf8)
        for _ in 0..<5000 {
            let raw = (0..<random.below(12)).map { _ in characters[Int(random.below(UInt64(characters.count)))] }
            let text = String(decoding: raw, as: UTF8.self)
            if let bytes = try? Base32.decode(text, limit: 20) { #expect(Base32.encode(bytes) == text) }
            if let bytes = try? Base64.decode(text, limit: 20) { #expect(Base64.encode(bytes) == text) }
            if let bytes = try? Base58.decode(text, limit: 20) { #expect(Base58.encode(bytes) == text) }
        }
    }

    @Test(arguments: [
        ("m", "base32"), ("mz", "base32"), ("mzx", "base32"), ("mzxw6y", "base32"),
    ])
    func base32WithFillingBitsOrUnusedGroups(text: String, name: String) {
        #expect(throws: DecodeError.notCanonical(name)) { try Base32.decode(text, limit: 20) }
    }

    @Test(arguments: ["MY", "my======", "m1", "mé", "my "])
    func base32Characters(text: String) {
        #expect(throws: DecodeError.invalid("base32 character")) { try Base32.decode(text, limit: 20) }
    }

    @Test(arguments: [
        "Zg", "Zg=", "Zg===", "Z", "Zm9v=", "=", "Zm9vYg", "Zg=g", "Zh==", "Zm9=", "Z-_=", "Zg==Zg==", "Zg==\n",
    ])
    func strictBase64RefusesEveryVariant(text: String) {
        #expect(throws: DecodeError.self) { try Base64.decode(text, limit: 20) }
    }

    @Test func tolerantBase64() throws {
        #expect(try Base64.decode("-_8", .tolerant, limit: 2) == [0xfb, 0xff])
        #expect(try Base64.decode("+/8=", .tolerant, limit: 2) == [0xfb, 0xff])
        for text in ["Z", "Zh", "Zg=", "Zg===", "Zg==Zg"] {
            #expect(throws: DecodeError.self) { try Base64.decode(text, .tolerant, limit: 20) }
        }
    }

    @Test(arguments: ["0", "O", "I", "l", "a b", "é"])
    func base58Characters(text: String) {
        #expect(throws: DecodeError.invalid("base58 character")) { try Base58.decode(text, limit: 20) }
    }

    @Test func longTextIsRefusedBeforeItIsDecoded() {
        let long = String(repeating: "z", count: 100_000)
        #expect(throws: DecodeError.self) { try Base58.decode(long, limit: 38) }
        #expect(throws: DecodeError.self) { try Base32.decode(long, limit: 38) }
        #expect(throws: DecodeError.self) { try Base64.decode(long, limit: 38) }
        #expect(throws: DecodeError.tooLarge(size: 100_000, limit: 90)) { try Bech32m.decode(prefix: "z", long) }
        #expect(throws: DecodeError.tooLarge(size: 3, limit: 2)) { try Base64.decode("Zm9v", limit: 2) }
        #expect(throws: DecodeError.tooLarge(size: 3, limit: 2)) { try Base58.decode("111", limit: 2) }
    }

    @Test func everyLimitIsALimit() throws {
        for limit in [Int.max, Int.max - 1] {
            #expect(try Base58.decode("2NEpo7TZRRrLZSi2U", limit: limit).count == 12)
            #expect(try Base64.decode("Zm9vYg==", limit: limit).count == 4)
            #expect(try Base32.decode("mzxw6yq", limit: limit).count == 4)
        }
        for limit in [-1, Int.min] {
            #expect(throws: DecodeError.tooLarge(size: 0, limit: 0)) { try Base58.decode("", limit: limit) }
            #expect(throws: DecodeError.tooLarge(size: 0, limit: 0)) { try Base64.decode("", limit: limit) }
            #expect(throws: DecodeError.tooLarge(size: 0, limit: 0)) { try Base32.decode("", limit: limit) }
        }
    }
}
