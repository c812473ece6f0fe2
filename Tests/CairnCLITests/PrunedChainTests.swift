import CairnStore
import SampleChains
import Testing

@testable import CairnCLI

/// What is said of verdicts whose blocks or rows a node keeps no longer: that, and not that the chain is damaged.
@Suite struct PrunedChainTests {
    private static let account = "cn132yw8ht5p8cetl2jmvknewjawt9xwzdlrk2pyxlnwjyqrdq0dawqfvaxrv"

    private func chain(_ retention: Retention, _ body: (_ ask: (String) -> TestRun) throws -> Void) throws {
        try withTemporaryDirectory { home in
            _ = try RewardedChain(in: ChainStore(directory: home, retention: retention))
            try body { TestRun($0, environment: ["CAIRN_HOME": home]) }
        }
    }

    @Test func blocksAreGone() throws {
        try chain(Retention(blocks: 20, epochBlocks: 12)) { ask in
            let shown = ask("proofs show 80 6e5d5ebf")
            #expect(shown.error == "E602" && shown.notes.contains("kept no longer"), "\(shown.notes)")
            let witness = ask("witness \(Self.account)")
            #expect(witness.exit == .ok && witness.out.contains("drawn "), "\(witness.notes)")
            // The rows of a block go with it.
            #expect(ask("why 5").out.contains("; others may be kept no longer"))
        }
    }

    @Test func rowsOfVerdictsAreGone() throws {
        try chain(Retention(receipts: 40)) { ask in
            let shown = ask("proofs show 80 6e5d5ebf")
            #expect(shown.error == "E602" && shown.notes.contains("kept no longer"), "\(shown.notes)")
            let epoch = ask("why 5")
            #expect(epoch.out.contains("settled") && epoch.out.contains("; others may be kept no longer"))
        }
    }
}
