import CairnBase
import CairnConsensus
import CairnLedger
import CairnNode

/// That a new home may begin with a snapshot.
public struct SnapshotWish: Sendable, Equatable {
    /// Of how many blocks on it is worthwhile.
    public let blocks: UInt64
    /// The owner asks for it whatever the age of what is trusted.
    public let isVouchedFor: Bool

    public init(blocks: UInt64, isVouchedFor: Bool) {
        self.blocks = blocks
        self.isVouchedFor = isVouchedFor
    }

    /// For as long, but one epoch, a committee's stake stays bound after it has signed its last.
    private func boundEpochs(_ genesis: Genesis) -> UInt64? {
        guard !isVouchedFor else { return nil }
        let parameters = genesis.parameters
        return (parameters[.unbondingPeriods].times(parameters[.epochsPerPeriod], over: 1) ?? .max) - 1
    }

    func terms<Hash>(_ genesis: Genesis) -> SnapshotSync<Hash>.Terms {
        SnapshotSync.Terms(worthwhile: blocks, boundEpochs: boundEpochs(genesis))
    }

    /// Whether who is trusted, the founders or a later committee, may have withdrawn their stake by now. A chain that was
    /// slower than its pace is younger than this says; one that they forge is as short as they like.
    func isStale(_ genesis: Genesis, since checkpoint: LightClient.Checkpoint?, at milliseconds: UInt64) -> Bool {
        guard let epochs = boundEpochs(genesis) else { return false }
        let parameters = genesis.parameters
        let (trusted, isBeyond) = epochs.addingReportingOverflow(checkpoint?.epoch.number ?? 0)
        let blocks = isBeyond ? .max : trusted.times(parameters[.epochBlocks], over: 1) ?? .max
        let bound = blocks.times(max(parameters[.blockPace], Self.shortestPace), over: 1) ?? .max
        return milliseconds > genesis.time && milliseconds - genesis.time > bound
    }

    /// A pace of nought is as fast as signatures come.
    private static let shortestPace: UInt64 = 100
}
