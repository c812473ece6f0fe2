import CairnBase
import CairnWire
import CairnWitness
import Testing

/// When the witnesses of a storage round ask, and what the owner of a shard is told.
@Suite struct AuditTimesTests {
    /// A round fits the window of its profile, or the network has none.
    @Test func aRoundFitsItsWindowOrIsNone() {
        func has(_ pace: TimeSpan, _ window: (first: UInt64, last: UInt64)) -> Bool {
            AuditTimes(deadline: .seconds(5), pace: pace, window: window) != nil
        }
        #expect(has(.seconds(1), (42, 71)) && has(.seconds(2), (57, 86)))
        #expect(has(.milliseconds(375), (42, 71)) && !has(.milliseconds(374), (42, 71)))
        #expect(!has(.zero, (42, 71)) && !has(.seconds(1), (1, 71)) && !has(.seconds(1), (42, 41)))
    }

    /// Sealed rounds have slots of D and a second, and room for a second asking, with the windows that a network gets.
    @Test func aSealedRoundFitsItsWindow() {
        func has(_ pace: TimeSpan, _ deadline: TimeSpan, _ whole: TimeSpan, _ window: (first: UInt64, last: UInt64))
            -> Bool
        {
            AuditTimes(deadline: whole, apart: deadline + .seconds(1), pace: pace, window: window) != nil
        }
        #expect(has(.seconds(1), .milliseconds(1_400), .milliseconds(17_700), (60, 71)))
        #expect(!has(.milliseconds(950), .milliseconds(1_400), .milliseconds(17_700), (60, 71)))
        #expect(has(.seconds(2), .milliseconds(650), .milliseconds(55_950), (68, 87)))
    }

    @Test func everyReasonHasWordsOfItsOwn() {
        let reasons = Explanation.storage.map(\.reason)
        #expect(reasons == [.deadline, .contained, .badLeaf, .badPath, .badUnit, .refusedCheck])
        #expect(reasons.map(\.rawValue) == [29, 30, 31, 32, 33, 52])
        #expect(Set(Explanation.storage.map(\.happened)).count == reasons.count)
        for reason in reasons { #expect(Explanation.of(reason)?.reason == reason) }
        // No verdict gives these yet: no read is tested by paying for it.
        for reason in [Reason.retrieval, .qualityHalf, .qualityStop] {
            #expect(Explanation.of(reason) == nil)
        }
    }

    /// Numbers that fit one another are all that who was away can look at.
    @Test func whatNoReceiptsCouldGiveIsImpossible() throws {
        func verdict(_ good: Int, _ bad: Int, passed: Bool, _ reasons: Reasons) throws -> Bool {
            let results =
                [StorageVerdict.Result](repeating: .good, count: good) + .init(repeating: .lateOrSilent, count: bad)
            let walks = (0..<7).map { slot in
                StorageVerdict.Walk(
                    witness: UInt32(slot + 1), result: slot < results.count ? results[slot] : .noReceipt)
            }
            let verdict = StorageVerdict(
                height: Height(9), provider: 0, partition: 0, kind: .hotRound, passed: passed, units: passed ? 1 : 0,
                reasons: reasons, receipts: .zero, walks: walks)
            return try #require(verdict).isPossible
        }
        #expect(try verdict(5, 2, passed: true, []) && verdict(4, 1, passed: true, []))
        #expect(try !verdict(4, 2, passed: true, []) && !verdict(3, 0, passed: true, []))
        #expect(try !verdict(5, 2, passed: false, Reasons(.deadline)), "it passed")
        #expect(try verdict(4, 3, passed: false, Reasons(.deadline)))
        #expect(try verdict(4, 3, passed: false, Reasons(.deadline, .contained)))
        #expect(try !verdict(4, 2, passed: false, Reasons(.deadline)), "that is doubt, and no fault")
        #expect(try verdict(4, 2, passed: false, Reasons(.deadline, .contained)))
        #expect(try !verdict(0, 0, passed: false, []))
        #expect(try !verdict(4, 3, passed: false, Reasons(.badLeaf)), "three were silent, and it is not said")
    }
}
