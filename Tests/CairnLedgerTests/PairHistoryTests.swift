import CairnLedger
import CairnWire
import Testing

/// What a liar's rows give away.
@Suite struct PairHistoryTests {
    private func history(_ rows: Int = 32, _ signal: (Int) -> Int16) -> PairHistory {
        PairHistory(
            (0..<rows).map {
                PairHistory.Row(period: 1, signal: signal($0), noiseDistance: 6, powerStep: UInt8($0 % 4))
            })
    }

    private func wobble(_ row: Int) -> Int16 { Int16(row * 7 % 5 * 10) }

    @Test func sixteenWithinADecibelAreTooPerfect() {
        #expect(history { -900 + wobble($0) % 10 }.reasons == Reasons(.tooPerfect, .powerStep))
        #expect(history(16) { -900 + wobble($0) % 10 }.reasons == Reasons(.tooPerfect))
        #expect(history(15) { -900 + wobble($0) % 10 }.reasons.isEmpty)
    }

    /// Pairs of a witness may have one meeting each; what it said of all of them counts, by whole periods from the newest.
    @Test func sixteenOfAWitnessWithinADecibelAreTooPerfectToo() {
        func rows(_ period: UInt64, _ signals: [Int16]) -> [PairHistory.Row] {
            signals.map { PairHistory.Row(period: period, signal: $0, noiseDistance: 6, powerStep: 0) }
        }
        let calm = [Int16](repeating: -1_000, count: 9)
        #expect(PairHistory.isTooPerfect(all: rows(7, calm) + rows(6, calm)))
        #expect(PairHistory.isTooPerfect(all: rows(7, calm) + rows(6, calm) + rows(5, [-700])))
        #expect(!PairHistory.isTooPerfect(all: rows(7, calm) + rows(6, calm + [-700])))
        #expect(!PairHistory.isTooPerfect(all: rows(7, calm) + rows(6, Array(calm.dropLast(3)))))
        #expect(!PairHistory.isTooPerfect(all: rows(7, (0..<16).map { -1_000 + $0 })))
    }

    @Test func aSignalThatIgnoresThePowerIsFound() {
        #expect(history { -900 + wobble($0) }.reasons == Reasons(.powerStep))
        // It needs all 32.
        #expect(history(31) { -900 + wobble($0) }.reasons.isEmpty)
    }

    /// Between 1.5 and 4.5 dB a step.
    @Test(arguments: [(14, false), (16, true), (30, true), (44, true), (46, false)])
    func theSlopeMustBeThatOfThePower(tenths: Int16, isHonest: Bool) {
        let rows = history { -900 - tenths * Int16($0 % 4) }
        #expect(rows.reasons.contains(.powerStep) == !isHonest)
    }

    /// Of a beacon far below the noise nearly nothing is received but noise. What counts is the signal in it.
    @Test func aWeakLinkIsJudgedByItsSignal() {
        func history(_ ratio: (Int) -> Int8) -> PairHistory {
            PairHistory(
                (0..<32).map {
                    PairHistory.Row(
                        period: 1, signal: -1_170 + wobble($0) / 4, noiseDistance: ratio($0), powerStep: UInt8($0 % 4))
                })
        }
        #expect(history { -1 - 3 * Int8($0 % 4) }.reasons.isEmpty)
        #expect(history { _ in 2 }.reasons == Reasons(.tooPerfect, .powerStep))
        #expect(history { _ in -8 }.reasons == Reasons(.tooPerfect, .powerStep))
    }
}
