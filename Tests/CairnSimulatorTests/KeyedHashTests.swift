import CairnBase
import CairnSimulator
import CairnWire
import Testing

@Suite struct KeyedHashTests {
    private struct Statement: Signed {
        let text: [UInt8]
        var signature: Signature
        var domain: DomainTag { DomainTag("cn-sim/test") }
        var signedBody: [UInt8] { text }
    }

    private let scheme = KeyedHashScheme(seed: 4)
    private let chain = ChainID(.zero)

    private func statement(_ text: [UInt8], by key: KeyedHashScheme.SigningKey) -> Statement {
        Statement(text: text, signature: key.sign(text, tag: DomainTag("cn-sim/test"), chain: chain))
    }

    @Test func onlyTheSignerOfTheseBytesInThisWorldIsVouchedFor() throws {
        let key = scheme.signingKey(0)
        let other = scheme.signingKey(1)
        let good = statement([1, 2, 3], by: key)
        #expect(try #require(scheme.verify(good, by: key.publicKey, on: chain)).signer == key.publicKey)
        #expect(scheme.verify(good, by: other.publicKey, on: chain) == nil)
        #expect(scheme.verify(statement([1, 2, 3], by: other), by: key.publicKey, on: chain) == nil)
        #expect(KeyedHashScheme(seed: 5).verify(good, by: key.publicKey, on: chain) == nil)
        let otherChain = ChainID(MixHash().digest(DomainTag("chain"), [1]).raw)
        #expect(scheme.verify(good, by: key.publicKey, on: otherChain) == nil)
        #expect(scheme.verify(Statement(text: [1, 2], signature: good.signature), by: key.publicKey, on: chain) == nil)
    }

    @Test func everyBitOfInputReachesTheHash() {
        let hash = MixHash()
        let tag = DomainTag("test")
        var random = SeededRandom(seed: 1)
        for length in 0..<40 {
            var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let original = hash.digest(tag, bytes)
            #expect(original == hash.digest(tag, bytes))
            #expect(original != hash.digest(DomainTag("tess"), bytes))
            #expect(original != hash.digest(tag, bytes + [0]))
            for bit in 0..<(8 * length) {
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
                let changed = hash.digest(tag, bytes)
                let distance = zip(original.raw.bytes, changed.raw.bytes).reduce(0) {
                    $0 + ($1.0 ^ $1.1).nonzeroBitCount
                }
                #expect((70...186).contains(distance), "\(length) bytes, bit \(bit)")
                bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            }
        }
    }
}
