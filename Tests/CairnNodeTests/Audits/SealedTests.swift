import CairnBase
import CairnLedger
import CairnWire
import Testing

/// Rounds of sealed partitions from the claim to the pay: who keeps what it claims is paid, who only seems to is not.
@Suite struct SealedTests {
    /// The third epoch has the first round of who registered in the first; it is settled two epochs later.
    private static let settled: UInt64 = 151
    private static let epoch = Epoch(2)

    @Test func everyoneThatKeepsItsPartitionIsPaid() throws {
        var town = try SealedTown(seed: 1)
        try town.play(until: Self.settled)
        #expect(!town.outcomes.isEmpty && town.outcomes.allSatisfy { $0 == .adopted }, "\(town.outcomes)")
        for owner in SealedTown.sealers {
            let verdicts = town.verdicts(on: owner)
            #expect(!verdicts.isEmpty)
            #expect(verdicts.allSatisfy { $0.passed && $0.units == SealedTown.units && $0.kind == .sealedRound })
            let reward = try #require(try town.reward(of: owner, in: Self.epoch))
            #expect(reward.bootstrap > .zero && reward.reasons.isEmpty)
        }
    }

    /// Beside two who are honest; `cairn attack storage` plays more of them. Nobody is blamed where there is doubt, and nobody is paid either.
    @Test(arguments: [
        (SealedTown.Manner.empty, Reason.deadline, true), (.skippingLabels, .deadline, true),
        (.fetching(.milliseconds(25)), .deadline, true), (.showingTheFirst, .badUnit, true),
        (.unsealedHalf, .badUnit, false), (.refusing, .refusedCheck, true),
    ]) func whoOnlySeemsToKeepItIsNotPaid(manner: SealedTown.Manner, reason: Reason, isBlamed: Bool) throws {
        var town = try SealedTown(seed: 1, [4: manner])
        try town.play(until: Self.settled)
        let verdicts = town.verdicts(on: 4)
        // Half of it unsealed, seven full checks are all right once in 128 rounds; not under this seed.
        #expect(!verdicts.isEmpty && verdicts.allSatisfy { !$0.passed })
        for verdict in verdicts {
            #expect(verdict.reasons.contains(reason) && !(isBlamed && verdict.reasons.contains(.contained)))
        }
        #expect(town.verdicts(on: 0).allSatisfy { $0.passed })
        #expect(try town.reward(of: 4, in: Self.epoch)?.bootstrap ?? .zero == .zero)
    }

    /// The stated limit of a test network's terms: 64 times 20 ms are within D.
    @Test func aPeerInTheSameTownIsNotSeen() throws {
        var town = try SealedTown(seed: 3, [4: .fetching(.milliseconds(20))])
        try town.play(until: Self.settled)
        let verdicts = town.verdicts(on: 4)
        #expect(!verdicts.isEmpty && verdicts.allSatisfy { $0.passed })
    }
}
