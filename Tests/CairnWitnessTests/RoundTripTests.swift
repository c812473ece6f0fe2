import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

@Suite struct RoundTripTests {
    private let challenge = Digest(Town.id(1))

    /// Runs a probe against a target that answers each nonce after so many nanoseconds, or not at all.
    private func measure(_ delays: [UInt64?]) -> RoundTripMeasurement? {
        var probe = RoundTripProbe(
            challenge: challenge, witness: ResourceID(Town.id(2)), target: ResourceID(Town.id(3)),
            secret: Town.id(4), hash: Town.hash)
        var now = Instant.origin
        var result: RoundTripMeasurement?
        var ends = 0
        var input = RoundTripProbe<Blake2b>.Input.start
        for _ in 0..<12 {
            var effects: [RoundTripProbe<Blake2b>.Effect] = []
            probe.handle(input, at: now, into: &effects)
            var wake = now
            for effect in effects {
                switch effect {
                case .send(let index, let nonce):
                    #expect(nonce.count == 16)
                    guard let delay = delays[index] else { continue }
                    var answers: [RoundTripProbe<Blake2b>.Effect] = []
                    let code = Town.id(100 + index)
                    probe.handle(
                        .answer(index, code: code), at: now + TimeSpan(nanoseconds: delay), into: &answers)
                    // A second answer changes nothing.
                    probe.handle(
                        .answer(index, code: code), at: now + TimeSpan(nanoseconds: 1), into: &answers)
                    for case .done(let measured) in answers {
                        result = measured
                        ends += 1
                    }
                case .wake(let time): wake = time
                case .done(let measured):
                    result = measured
                    ends += 1
                }
            }
            now = wake
            input = .timer
        }
        #expect(ends == 1)
        return result
    }

    @Test func theShortestAndTheMedianAreKept() throws {
        let measured = try #require(measure([9_001, 8_000, 7_000, 6_000, 5_000, 4_000, 3_000, 2_000]))
        #expect(measured.shortest == 2 && measured.median == 5)
        #expect(measured.encoded.count == 136)
        #expect(!measured.contradicts(metres: 300) && measured.contradicts(metres: 301))
        // Rounded up: a nanosecond more is a microsecond more.
        #expect(measure([UInt64](repeating: 2_001, count: 8))?.shortest == 3)
    }

    @Test func fiveOfEightAreEnoughAndFourAreNot() throws {
        let five = try #require(measure([nil, 50_000, 40_000, nil, 30_000, 20_000, nil, 10_000]))
        #expect(five.shortest == 10 && five.median == 30)
        #expect(measure([nil, 50_000, nil, nil, 30_000, 20_000, nil, 10_000]) == nil)
        #expect(measure([UInt64?](repeating: nil, count: 8)) == nil)
    }

    @Test func bothSign() throws {
        let measured = try #require(measure([UInt64](repeating: 5_000, count: 8)))
        let tag = DomainTag("cn/sig.rtt")
        let receipt = RoundTripReceipt(
            measurement: measured,
            witnessSignature: Town.key(1).sign(measured.encoded, tag: tag, chain: Town.chain),
            targetSignature: Town.key(2).sign(measured.encoded, tag: tag, chain: Town.chain))
        #expect(try RoundTripReceipt.decode(receipt.encoded, limit: RoundTripReceipt.count) == receipt)
        #expect(Verifier(chain: Town.chain).verify(Claim(receipt, by: Town.key(1).publicKey)) != nil)
        let second = receipt.second(by: Town.key(2).publicKey)
        let message = signedBytes(second.domain, chain: Town.chain, body: second.body)
        #expect(Ed25519.isValid(second.signature, of: message, by: second.signer))
    }
}
