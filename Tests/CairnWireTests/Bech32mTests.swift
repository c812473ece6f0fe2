import CairnBase
import CairnWire
import Testing

@Suite struct Bech32mTests {
    /// BIP-350, valid strings.
    @Test(arguments: [
        "A1LQFN3A", "a1lqfn3a",
        "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
        "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
        "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
        "split1checkupstagehandshakeupstreamerranterredcaperredlc445v", "?1v759aa",
    ])
    func valid(text: String) throws {
        let parts = try Bech32m.decode(text)
        #expect(Bech32m.encode(prefix: parts.prefix, groups: parts.groups) == text.lowercased())
    }

    /// BIP-350, invalid strings with their reasons.
    @Test(
        arguments: [
            ("\u{20}1xj0phk", .invalid("bech32m character")), ("\u{7f}1g6xzxy", .invalid("bech32m character")),
            ("\u{80}1vctc34", .invalid("bech32m character")),
            (
                "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
                .tooLarge(size: 91, limit: 90)
            ),
            ("qyrz8wqd2c9m", .invalid("bech32m prefix")), ("1qyrz8wqd2c9m", .invalid("bech32m prefix")),
            ("y1b0jsk6g", .invalid("bech32m character")), ("lt1igcx5c0", .invalid("bech32m character")),
            ("in1muywd", .truncated(need: 6, have: 5)), ("mm1crxm3i", .invalid("bech32m character")),
            ("au1s5cgom", .invalid("bech32m character")), ("M1VUXWEZ", .invalid("bech32m checksum")),
            ("16plkw9", .invalid("bech32m prefix")), ("1p2gdwpf", .invalid("bech32m prefix")),
            ("A1lqfn3a", .notCanonical("bech32m case")),
        ] as [(String, DecodeError)])
    func invalid(text: String, error: DecodeError) {
        #expect(throws: error) { try Bech32m.decode(text) as (String, [UInt8]) }
    }

    @Test func anAccountHasOneText() throws {
        let account = AccountID(try #require(Bytes32(Array(0..<32))))
        let text = account.text
        #expect(text.hasPrefix("cn1") && text.utf8.count == 61)
        #expect(try AccountID(text: text) == account)
        #expect(try AccountID(text: text.uppercased()) == account)
        #expect(throws: DecodeError.invalid("bech32m prefix")) {
            try AccountID(text: Bech32m.encode(prefix: "bc", account.raw.bytes))
        }
        #expect(throws: DecodeError.invalid("account length")) {
            try AccountID(text: Bech32m.encode(prefix: "cn", Array(account.raw.bytes.dropLast())))
        }
    }

    /// One or two wrong characters anywhere are always found.
    @Test func typingMistakesAreFound() throws {
        var random = SeededRandom(seed: 11)
        let alphabet = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
        let right = Array(AccountID(random.bytes32()).text.utf8)
        for first in 3..<right.count {
            var wrong = right
            for index in [first, 3 + Int(random.below(58))] {
                wrong[index] = alphabet[Int(random.below(32))]
            }
            guard wrong != right else { continue }
            #expect(throws: DecodeError.invalid("bech32m checksum")) {
                try AccountID(text: String(decoding: wrong, as: UTF8.self))
            }
        }
    }
}
