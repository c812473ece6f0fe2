import CairnBase
import CairnCrypto
import CairnLedger
import Glibc
import Testing

/// The ledger against the model, over many random blocks.
@Suite struct ModelTests {
    private static let isLong = unsafe getenv("CAIRN_LONG") != nil

    /// A hundred thousand blocks in all where CAIRN_LONG asks for it; enough to meet every rule of money otherwise.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func everyResultIsPredicted(seed: UInt64) throws {
        var run = try ModelRun(seed: seed)
        for height in 1...(Self.isLong ? 25_000 : 360) as ClosedRange<UInt64> { try run.step(height, atMost: 4) }
        try run.compare()
        #expect(try StateTree(Blake2b()).apply(run.state.entries, to: MemoryState()).root == run.state.root)
        // The workload did what it is for: proofs were paid, owners paid, votes were carried out.
        #expect(run.model.economy.proofsPaid > 0 && run.model.economy.ownersPaid > 0)
        guard Self.isLong else { return }
        #expect(run.model.objects.givenUp > 0)
        #expect(run.model.government.executed > 0)
        // Only a thousand candidates, four billion resources and the like are out of this workload's reach.
        #expect(
            Set(Outcome.allCases).subtracting(run.seen).isSubset(of: [
                .tooManyCandidates, .tooManyResources, .tooManyProposals, .tooManyObjects,
            ]))
        #expect(
            Set(VerdictOutcome.allCases).subtracting(run.judged).isSubset(of: [
                .unknownVerifier, .tooManyVerdicts, .epochSettled,
            ]))
    }

    /// Full blocks: over a million transactions with CAIRN_LONG. After every one of the blocks the entries that it
    /// changed hold as many tokens as before, so that none is ever made or lost.
    @Test func noTransactionMakesOrLosesTokens() throws {
        var run = try ModelRun(seed: 5)
        let wanted = Self.isLong ? 1_000_000 : 3_000
        var height: UInt64 = 0
        while run.transactionCount < wanted {
            height += 1
            try run.step(height, atMost: 200)
        }
        try run.compare()
    }
}
