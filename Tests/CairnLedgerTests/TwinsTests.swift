import CairnBase
import CairnLedger
import Testing

/// Two names on one antenna are heard alike everywhere; two radios are not.
@Suite struct TwinsTests {
    private static let rule = Twins(witnesses: 8, variance: 225)

    /// A signal that would be `base` at full power.
    private func row(_ step: Int, _ base: Int16) -> (signal: Int16, powerStep: UInt8) {
        (base - 30 * Int16(step), UInt8(step))
    }

    /// What so many witnesses say of two targets that they hear with differences of their own, in tenths of a decibel.
    private func means(_ differences: [Int16], shift: Int16 = 0) -> [Twins.Mean] {
        differences.enumerated().flatMap { number, difference in
            let witness = number + 2
            let base = -900 - 37 * Int16(number)
            // The first is heard at all four powers, the second at the two lowest.
            let first = (0..<8).map { row($0 % 4, base) }
            let second = (0..<8).map { row(2 + $0 % 2, base + difference + shift) }
            return [
                Twins.Mean(target: 0, witness: witness, of: first), Twins.Mean(target: 1, witness: witness, of: second),
            ]
        }
    }

    private func areAlike(_ means: [Twins.Mean]) -> Bool {
        let found = Self.rule.lookalikes(means, among: 12)
        #expect(found[0] == (found[1] == [0] ? [1] : []))
        return found[0] == [1]
    }

    @Test func oneAntennaIsFoundWhateverItsPowerAndGain() {
        #expect(areAlike(means([0, 5, -5, 3, 0, -2, 4, 1])))
        #expect(areAlike(means([0, 5, -5, 3, 0, -2, 4, 1], shift: -60)))
    }

    @Test func twoPlacesAreNot() {
        #expect(!areAlike(means([60, -45, 10, 80, -70, 20, -30, 0])))
    }

    /// Half of them 15 tenths above, half 15 below: a variance of 225, which is not below 225.
    @Test func theLimitItselfIsHonest() {
        #expect(!areAlike(means([15, -15, 15, -15, 15, -15, 15, -15])))
        #expect(areAlike(means([15, -15, 15, -15, 15, -15, 15, -14])))
    }

    @Test func sevenWitnessesSayNothing() {
        #expect(!areAlike(means([0, 0, 0, 0, 0, 0, 0])))
    }

    @Test func placesThatAreNotThereAreLeftOut() {
        let rows: [(signal: Int16, powerStep: UInt8)] = [(-900, 0)]
        let strange = (0..<9).flatMap { number in
            [Twins.Mean(target: 99, witness: number, of: rows), Twins.Mean(target: 0, witness: 99 + number, of: rows)]
        }
        #expect(Self.rule.lookalikes(strange, among: 10) == [[Int]](repeating: [], count: 10))
    }

    @Test func allThatAreTiedShareOneUnit() {
        #expect(Twins.sharing([[1], [0, 3], [], [1], [4, 9]]) == [3, 3, 1, 3, 1])
        #expect(Twins.sharing([]) == [])
    }
}
