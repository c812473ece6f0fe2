import CairnBase
import Testing

@Suite struct AmountTests {
    @Test func sumsAndDifferencesThatDoNotExistAreNil() {
        let most = Amount(units: .max)
        #expect(most.adding(Amount(units: 1)) == nil)
        #expect(most.adding(.zero) == most)
        #expect(Amount.one.subtracting(Amount(units: 100_000_001)) == nil)
        #expect(Amount.one.subtracting(.one) == .zero)
        #expect(Amount.zero.reduced(by: .one) == .zero)
        #expect([Amount.one, .one].total() == Amount(units: 200_000_000))
        #expect([most, Amount(units: 1)].total() == nil)
    }

    @Test func sharesNeverGiveMoreThanTheWhole() {
        var random = SeededRandom(seed: 7)
        for _ in 0..<2_000 {
            let whole = Amount(units: random.next())
            let weights = (0..<5).map { _ in random.next() >> 8 }
            let total = weights.reduce(0, +)
            let paid = weights.map { whole.share(of: $0, in: total) }.total()
            #expect(paid.map { $0 <= whole && whole.reduced(by: $0).units < 5 } == true)
        }
        #expect(Amount.one.share(of: 3, in: 0) == .zero)
        #expect(Amount.one.share(of: 3, in: 2) == .one)
        #expect(Amount.one.share(ppm: 2_000_000) == .one)
        #expect(Amount.one.share(ppm: 50_000) == Amount(units: 5_000_000))
    }

    @Test(
        arguments: [
            (0, "0"), (1, "0.00000001"), (100_000_000, "1"), (1_250_000_000, "12.5"), (100_000_010, "1.0000001"),
            (UInt64.max, "184467440737.09551615"),
        ] as [(UInt64, String)])
    func textIsTheShortestDecimal(units: UInt64, text: String) {
        #expect(Amount(units: units).description == text)
        #expect(Amount(tokens: text) == Amount(units: units))
    }

    @Test func trailingZerosAreRead() {
        #expect(Amount(tokens: "1.50") == Amount(units: 150_000_000))
        #expect(Amount(tokens: "0.00000000") == .zero)
    }

    @Test(arguments: [
        "", ".", "1.", ".5", "+1", "-1", "1e3", "1,5", " 1", "1 ", "01", "00", "1.000000000", "1.2.3",
        "184467440737.09551616",
        "184467440738", "99999999999999999999999", "١", "0x1", "1.-1",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(Amount(tokens: text) == nil)
    }

    @Test func textOfRandomAmountsReadsBack() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<2_000 {
            let amount = Amount(units: random.next() >> random.below(64))
            #expect(Amount(tokens: amount.description) == amount)
        }
    }
}
