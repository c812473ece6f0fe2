import CairnBase
import CairnConsensus
import CairnCrypto
import CairnLedger
import CairnNode
import CairnStore
import SampleChains
import Testing

/// What an epoch's plan needs of the past.
@Suite struct EpochPlanTests {
    /// A chain that began with a snapshot in the middle of an epoch: no root of an earlier height is known.
    private struct Begun: ExecutedChain {
        let chain: RewardedChain
        let first: Height
        var state: MemoryState { chain.state }

        func header(at height: Height) -> Header? { chain.header(at: height) }
        func root(at height: Height) -> Digest? { height < first ? nil : chain.root(at: height) }
    }

    @Test func anEpochsPlanNeedsNoRootOfBeforeItsSnapshot() throws {
        let home = try TestDirectory()
        let chain = try RewardedChain(in: ChainStore(directory: home.path))
        let executor = ChainExecutor(
            chain: chain.genesis.chain(using: Blake2b()), genesisTime: chain.genesis.time, hash: Blake2b())
        let middle = Height(RewardedChain.height - 5)
        let plan = try executor.plan(after: middle, on: Begun(chain: chain, first: middle))
        let whole = try executor.plan(after: middle, on: chain)
        #expect(plan == whole)
        #expect(plan.startState == chain.root(at: Height(RewardedChain.height - 12)))
    }
}
