import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode
import CairnWitness

/// What the executed chain says of coverage.
extension NodeChain {
    func view(of epoch: Epoch) -> CoverageView? { (try? executor.coverage(of: epoch, on: self)) ?? nil }

    /// What is needed to follow the challenges that are open after the newest block.
    var coveragePast: CoveragePast {
        guard let rules = (try? state.load(.parameters)) ?? nil else { return .none }
        let epoch = rules.epoch(of: height.next).number
        let newest = blocks.suffix(ChainRandomness.kept).map(\.header)
        return CoveragePast(
            views: (epoch - min(epoch, 2)...epoch).compactMap { view(of: Epoch($0)) },
            blocks: newest.map { ($0.height, randomness: $0.randomness.next(using: MixHash())) })
    }

    /// Whether a gateway earned something in the epoch that was settled with the end of this one.
    func paid(_ epoch: Epoch, _ resource: ResourceID) -> Bool {
        guard let rules = (try? state.load(.parameters)) ?? nil, epoch.number >= rules.settlementLag else {
            return false
        }
        let settled = Epoch(epoch.number - rules.settlementLag)
        let reward = (try? state.load(RecordKey<Reward>.reward(settled, resource))) ?? nil
        return (reward?.total ?? .zero) > .zero
    }
}
