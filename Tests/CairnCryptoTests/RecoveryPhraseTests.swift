import CairnBase
import CairnCrypto
import Testing

@Suite struct RecoveryPhraseTests {
    /// The 256-bit vectors that BIP-39 points to (`python-mnemonic/vectors.json`).
    static let published: [(seed: String, words: String)] = [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon "
                + "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art"
        ),
        (
            "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful "
                + "legal winner thank year wave sausage worth title"
        ),
        (
            "8080808080808080808080808080808080808080808080808080808080808080",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic "
                + "avoid letter advice cage absurd amount doctor acoustic bless"
        ),
        (
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote"
        ),
        (
            "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel "
                + "tennis maple dilemma loan word shrug inflict delay length"
        ),
        (
            "9f6a2878b2520799a44ef18bc7df394e7061a224d2c33cd015b157d746869863",
            "panda eyebrow bullet gorilla call smoke muffin taste mesh discover soft ostrich alcohol speed nation "
                + "flash devote level hobby quick inner drive ghost inside"
        ),
        (
            "066dca1a2bb7e8a1db2832148ce9933eea0f3ac9548d793112d9a95c9407efad",
            "all hour make first leader extend hole alien behind guard gospel lava path output census museum junior "
                + "mass reopen famous sing advance salt reform"
        ),
        (
            "f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f",
            "void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol "
                + "group space point ten exist slush involve unfold"
        ),
    ]

    private func spelled(_ seed: borrowing Seed) -> String {
        String(decoding: RecoveryPhrase.text(of: seed).copy(), as: UTF8.self)
    }

    private func seed(spelledBy text: String) throws(RecoveryPhraseError) -> Seed {
        try RecoveryPhrase.seed(spelledBy: Array(text.utf8).span.bytes)
    }

    /// The error that a text gives, or nil when it spells a seed.
    private func error(_ text: String) -> RecoveryPhraseError? {
        do {
            _ = try seed(spelledBy: text)
            return nil
        } catch {
            return error
        }
    }

    @Test func theListIsThePublishedOne() {
        #expect(WordList.english.count == 2048)
        let file = WordList.english.map { $0 + "\n" }.joined()
        #expect(
            SHA256.digest(Array(file.utf8)).description
                == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda")
    }

    @Test func publishedVectorsOfBIP39() throws {
        for vector in Self.published {
            let seed = try CairnCryptoTests.seed(vector.seed)
            #expect(spelled(seed) == vector.words)
            let back = spelled(try self.seed(spelledBy: vector.words))
            #expect(back == vector.words)
        }
    }

    @Test func anySeedSurvives() throws {
        for _ in 0..<200 {
            let seed = Seed.random()
            let key = SecretKey(seed: seed)
            let again = SecretKey(seed: try self.seed(spelledBy: spelled(seed)))
            #expect(key.publicKey == again.publicKey)
        }
    }

    @Test func caseAndBlanksDoNotMatter() throws {
        let words = Self.published[4].words
        let typed = "\n  " + words.uppercased().split(separator: " ").joined(separator: " \t\r\n ") + " "
        let back = spelled(try seed(spelledBy: typed))
        #expect(back == words)
    }

    @Test func anUnknownWordIsNamedByItsPlaceAndNearest() {
        var words = Self.published[4].words.split(separator: " ").map { String($0) }
        words[6] = "privte"
        #expect(error(words.joined(separator: " ")) == .unknownWord(position: 7, nearest: "private"))
        words[6] = "zzzzzzzzzzzz"
        #expect(error(words.joined(separator: " ")) == .unknownWord(position: 7, nearest: nil))
        words[6] = "privateprivateprivate"
        #expect(error(words.joined(separator: " ")) == .unknownWord(position: 7, nearest: nil))
        words[6] = "naïve"
        if case .unknownWord(position: 7, _) = error(words.joined(separator: " ")) {
        } else {
            Issue.record("a word beyond ASCII was taken")
        }
    }

    @Test func anotherNumberOfWordsIsRefused() {
        #expect(error("") == .wordCount(0))
        #expect(error("   ") == .wordCount(0))
        #expect(error("zoo") == .wordCount(1))
        #expect(error(Self.published[3].words + " zoo") == .wordCount(25))
        #expect(error(String(repeating: "zoo ", count: 100_000)) == .wordCount(25))
    }

    /// A checksum of 8 bits lets one wrong phrase in 256 pass; each of these does not.
    @Test func wordsThatChangedPlacesAreRefused() {
        var words = Self.published[4].words.split(separator: " ").map { String($0) }
        words.swapAt(0, 1)
        #expect(error(words.joined(separator: " ")) == .checksum)
        #expect(error(String(repeating: "zoo ", count: 24)) == .checksum)
    }
}
