import CairnBase
import CairnCrypto
import CairnLedger
import CairnStorage
import CairnWire
import CairnWitness
import Testing

/// Rounds of hot storage from the block that begins one to the pay for it: who proves is paid, who does not is not.
@Suite struct AuditTests {
    /// The fourth epoch has the first round after the object is held; it is settled two epochs later.
    private static let settled: UInt64 = 181
    private static let epoch = Epoch(3)

    @Test(arguments: [1, 2] as [UInt64]) func everyHolderThatShowsItsShardIsPaid(seed: UInt64) throws {
        var town = try AuditedTown(seed: seed)
        try town.play(until: Self.settled)
        #expect(!town.outcomes.isEmpty && town.outcomes.allSatisfy { $0 == .adopted }, "\(town.outcomes)")
        #expect(town.faults.isEmpty)
        for shard in 0..<AuditedTown.shards {
            let provider = try #require(try town.place(ofShard: shard))
            let verdicts = try town.verdicts(on: provider)
            #expect(verdicts.allSatisfy { $0.passed && $0.units == 1 && $0.reasons.isEmpty })
            let reward = try #require(try town.reward(of: provider, in: Self.epoch))
            #expect(reward.paid.units + reward.burned.units == AuditedTown.price)
            #expect(reward.bootstrap > .zero && reward.reasons.isEmpty)
        }
    }

    @Test(arguments: [
        (AuditedTown.Manner.empty, Reason.deadline), (.slow, .deadline), (.anothersPiece, .badPath),
        (.anothersLeaves, .badLeaf),
    ]) func whoDoesNotShowItsOwnShardIsNotPaid(manner: AuditedTown.Manner, reason: Reason) throws {
        var town = try AuditedTown(seed: 7)
        try town.have(shard: 2, be: manner)
        try town.play(until: Self.settled)
        let liar = try #require(try town.place(ofShard: 2))
        let verdicts = try town.verdicts(on: liar)
        #expect(!verdicts.isEmpty)
        // All seven and the three that were asked after them say so: a fault, and no doubt.
        #expect(verdicts.allSatisfy { !$0.passed && $0.units == 0 && $0.reasons == Reasons(reason) }, "\(verdicts)")
        let reward = try #require(try town.reward(of: liar, in: Self.epoch))
        #expect(reward.paid == .zero && reward.bootstrap == .zero && reward.reasons.contains(reason))
        // What it said of others is paid all the same.
        #expect(reward.witnessing > .zero)
        #expect(try #require(try town.track(of: liar)).standing.score < 1_000_000)
        // What its owner is told.
        let told = try #require(Explanation.of(reason))
        #expect(!told.happened.isEmpty && !told.remedy.isEmpty && told.code == "\(reason)".uppercasedWords)
    }

    @Test func twoLyingWitnessesChangeNothing() throws {
        var town = try AuditedTown(seed: 11)
        for witness in 0..<2 { town.have(provider: witness, say: .calledSilent) }
        try town.play(until: Self.settled)
        #expect(!town.verdicts.isEmpty && town.verdicts.allSatisfy(\.passed))
    }

    /// Four of ten say of everybody that it is silent: where three of the seven are theirs the three others are asked,
    /// and where not two of those agree nothing is held against the provider.
    @Test func doubtIsNoFault() throws {
        var town = try AuditedTown(seed: 12)
        for witness in 0..<4 { town.have(provider: witness, say: .calledSilent) }
        try town.play(until: Self.settled)
        let doubtful = town.verdicts.filter { !$0.passed }
        #expect(!doubtful.isEmpty)
        let void = doubtful.filter { $0.reasons.contains(.contained) }
        #expect(!void.isEmpty)
        #expect(Explanation.of(.contained)?.happened.contains("nothing against the holder") == true)
        #expect(town.outcomes.allSatisfy { $0 == .adopted })
    }

    @Test func aSilentWitnessFailsInTheProvidersPlace() throws {
        var town = try AuditedTown(seed: 13)
        town.have(provider: 0, say: .nothing)
        try town.play(until: Self.settled)
        #expect(!town.verdicts.isEmpty && town.verdicts.allSatisfy(\.passed))
        let unheard = town.verdicts.flatMap(\.walks).count { $0.result == .noReceipt }
        #expect(unheard > 0)
        #expect(try #require(try town.track(of: 0)).standing.score < 1_000_000)
        let honest = try (1..<AuditedTown.providers).map { try #require(try town.track(of: $0)).standing.score }
        #expect(honest.allSatisfy { $0 == 1_000_000 })
    }

    /// Who lacks a receipt asks the leader for it; a leader that lacks one that others have is not voted for.
    @Test(arguments: [15, 16] as [UInt64]) func lostReceiptsAreFetched(seed: UInt64) throws {
        var town = try AuditedTown(seed: seed)
        town.isLossy = true
        try town.play(until: Self.settled)
        #expect(town.fetched > 0)
        #expect(town.faults.allSatisfy { if case .omits = $0 { true } else { false } })
        #expect(!town.outcomes.isEmpty && town.outcomes.allSatisfy { $0 == .adopted })
        for shard in 0..<AuditedTown.shards {
            let provider = try #require(try town.place(ofShard: shard))
            #expect(try #require(try town.reward(of: provider, in: Self.epoch)).paid > .zero)
        }
    }

    @Test func nobodyVotesForAVerdictThatLeavesReceiptsOut() throws {
        var town = try AuditedTown(seed: 14)
        town.isLeaderPicky = true
        try town.play(until: Self.settled)
        #expect(town.verdicts.isEmpty && !town.rounds.isEmpty)
    }
}

extension String {
    /// `badLeaf` as `BAD_LEAF`.
    fileprivate var uppercasedWords: String {
        reduce(into: "") { $0 += $1.isUppercase ? "_\($1)" : $1.uppercased() }
    }
}
