import CairnBase
import Testing

@testable import CairnCrypto

@Suite struct Blake2bTests {
    let hash = Blake2b()

    @Test func publishedVectorOfRFC7693() {
        let digest = hash.digest512(DomainTag(""), Array("abc".utf8))
        #expect(
            hex(digest)
                == "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                + "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923")
    }

    /// Computed with Python's `hashlib.blake2b(message, digest_size=…, person=tag)`, an independent implementation.
    @Test func personalisedDigestsAgreeWithAnotherImplementation() {
        let expected: [(DomainTag, [UInt8], String)] = [
            (DomainTag("cn/block"), [], "927175df3da7b2eeb582888e8aae50cf6c5608b9e74bdeb7951a61d49cf4754b"),
            (
                DomainTag("cn/block"), Array("abc".utf8),
                "1319a05fdbf5d79123a26d9538863b6cb4e04de29c732400761a353e6878d006"
            ),
            (
                DomainTag("cn/a.b.c.d.e.f16"), Array(0...255),
                "ba6683c35a7873ad9adfce340326a172d33995bfc90b929208f9e2575708d818"
            ),
            (
                DomainTag(""), Array("abc".utf8),
                "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
            ),
        ]
        for (tag, message, digest) in expected {
            #expect(hash.digest(tag, message).description == digest)
        }
        #expect(
            hex(hash.digest512(DomainTag("cn/a.b.c.d.e.f16"), [UInt8](0...255)))
                == "f42553a5d61ad0bf87a477624f57fd77efeaad43c53bb52472e90bb1a0c70835"
                + "9e225553b64c516828008d898f3862d00d74fd1d18447d1baf4421bb93bb1909")
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func aStreamEqualsItsPiecesLaidEndToEnd(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let tag = DomainTag("cn/stream")
        var stream = Blake2b.Stream(tag)
        var whole: [UInt8] = []
        for _ in 0..<random.below(20) {
            let piece = (0..<random.below(300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            stream.update(piece.span.bytes)
            whole += piece
        }
        #expect(stream.finish() == hash.digest(tag, whole))
    }

    /// All widths that this processor has, with every kernel met at every length.
    @Test(arguments: [0, 4, 8].filter { $0 <= Blake2b.lanes }, 0..<4 as Range<UInt64>)
    func sideBySideEqualsOneByOne(lanes: Int, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for length in (1...300) + [511, 512, 513, 1024, 4097] {
            let tag = DomainTag(["cn/side.by.side", "cn/b", ""][Int(random.below(3))])
            let count = lanes + lanes / 2 + Int(random.below(UInt64(2 * lanes + 2)))
            let bytes = (0..<(length * count)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let expected = (0..<count).map { hash.digest(tag, Array(bytes[($0 * length)...].prefix(length))) }
            #expect(hash.digests(tag, of: bytes.span.bytes, each: length, lanes: lanes) == expected, "\(length)")
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func manyMessagesOfAnyLengthsEqualOneByOne(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let tag = DomainTag("cn/many")
        var messages: [[UInt8]] = []
        for _ in 0..<40 {
            let length = Int([0, 1, 36, 65][Int(random.below(4))])
            for _ in 0..<random.below(20) {
                messages.append((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            }
        }
        #expect(hash.digests(tag, messages) == messages.map { hash.digest(tag, $0) })
        let pairs = (0..<34).map { hash.digest(tag, [UInt8($0)]) }
        #expect(
            hash.digests(tag, pairs: pairs)
                == (0..<17).map { hash.digest(tag, pairs[2 * $0].raw, pairs[2 * $0 + 1].raw) })
    }
}
