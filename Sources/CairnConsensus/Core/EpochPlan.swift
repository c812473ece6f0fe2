public import CairnBase

/// The finalized block an epoch starts from, or genesis.
public struct Anchor: Sendable, Hashable {
    public let block: Digest
    public let height: Height
    public let time: UInt64
    /// R after this block.
    public let randomness: Digest

    public init(block: Digest, height: Height, time: UInt64, randomness: Digest) {
        self.block = block
        self.height = height
        self.time = time
        self.randomness = randomness
    }
}

/// All that must be known before a vote can be cast in an epoch. Whoever has not executed the block before the epoch
/// cannot make one, and therefore does not vote.
public struct EpochPlan: Sendable, Hashable {
    public let epoch: Epoch
    public let committee: Committee
    /// The hash every header of the epoch must carry: of the next epoch's committee, from the state at `anchor`.
    public let nextCommittee: Digest
    /// The root of the state after `anchor`, which every header of the epoch must carry too.
    public let startState: Digest
    /// R at the finalized middle height of the epoch before; for the first epoch, R before the first block.
    public let middle: Digest
    public let anchor: Anchor

    public init(
        epoch: Epoch, committee: Committee, nextCommittee: Digest, startState: Digest, middle: Digest, anchor: Anchor
    ) {
        self.epoch = epoch
        self.committee = committee
        self.nextCommittee = nextCommittee
        self.startState = startState
        self.middle = middle
        self.anchor = anchor
    }

    /// The last height that counts. Blocks above it exist only to finalize it.
    func lastHeight(epochLength: UInt64) -> Height { anchor.height.advanced(by: epochLength) }
}
