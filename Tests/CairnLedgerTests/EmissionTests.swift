import CairnBase
import Testing

@testable import CairnLedger

@Suite struct EmissionTests {
    /// The first three periods of each profile from a reserve of 60 % of the cap.
    @Test func theFirstPeriodsAreKnown() {
        let reserve = Amount(units: Amount.cap.units / 10 * 6)
        #expect(days(3, reserve, .main) == [56_943_967_938_423, 56_889_924_347_013, 56_835_932_046_546])
        #expect(days(3, reserve, .testnet) == [207_584_230_229_258, 206_866_043_351_927, 206_150_341_212_430])
    }

    private func days(_ count: Int, _ reserve: Amount, _ profile: Parameter.Profile) -> [UInt64] {
        var left = reserve
        return (0..<count).map { _ in
            let amount = left.emission(rateQ32: Parameters(profile)[.emissionRateQ32])
            left = left.minus(amount)
            return amount.units
        }
    }

    @Test func halfIsOutAfterTheHalfLife() {
        var left = Amount.cap
        for _ in 0..<730 { left = left.minus(left.emission(rateQ32: 4_076_208)) }
        let half = Amount.cap.units / 2
        #expect(left.units > half - half / 10_000 && left.units < half + half / 10_000)
    }

    @Test func splittingKeepsEveryUnit() {
        let split = Amount(units: 1_000_003).split(by: [5, 3, 2])
        #expect(split.parts.map(\.units) == [500_001, 300_000, 200_000])
        #expect(split.rest.units == 2)
        #expect(Amount.cap.split(by: [.max, .max]).parts.map(\.units) == [Amount.cap.units / 2, Amount.cap.units / 2])
        #expect(Amount.one.split(by: [0, 0]).rest == .one)
        #expect(Amount.one.split(by: []).rest == .one)
    }

    /// A period's emission is spent evenly over its epochs, and all of it.
    @Test func aPeriodSpendsWhatItEmits() {
        let parameters = Parameters(.main)
        var supply = Supply(reserve: Amount(units: Amount.cap.units / 10 * 6))
        var paid: [UInt64] = []
        for epoch in 0..<72 as Range<UInt64> {
            paid.append(supply.openEpoch(Epoch(epoch), parameters).validators.units)
        }
        #expect(supply.emitted == .zero)
        #expect(paid.reduce(0, +) / 1000 == 5_694_396_793_842 / 1000)
        #expect((paid.max() ?? 0) - (paid.min() ?? 0) <= 1)
    }
}
