public import CairnBase

/// Follows a chain without its blocks: knows who may sign in one epoch, and believes what they have signed.
///
/// It starts from genesis, or from a checkpoint that its owner trusts, and goes on by one handoff per epoch. Only the
/// current committee can move it; whoever forges, leaves out or reorders handoffs is refused and leaves it as it was. A
/// checkpoint must be younger than the time after which stake can be withdrawn: older keys have nothing to lose.
public struct LightClient: Sendable, Equatable {
    public let chain: ChainID
    public let epochLength: UInt64
    /// The epoch whose committee is known.
    public private(set) var epoch: Epoch
    public private(set) var committee: Committee
    /// The last block of the epoch before; nil at genesis and at a checkpoint.
    public private(set) var last: VerifiedFinality?
    /// Where the way must lead through, and whether it has.
    public private(set) var landmark: Checkpoint?
    public private(set) var hasPassedLandmark = true

    public init(chain: ChainID, epochLength: UInt64, founders: Committee) {
        self.chain = chain
        self.epochLength = epochLength
        epoch = Epoch(0)
        committee = founders
    }

    /// Starts in the middle. The list may come from anyone: it must be the committee that the checkpoint names.
    public init?(
        from checkpoint: Checkpoint, committee: Committee, chain: ChainID, epochLength: UInt64,
        hash: some HashFunction
    ) {
        guard committee.hash(using: hash) == checkpoint.committee else { return nil }
        self.init(chain: chain, epochLength: epochLength, founders: committee)
        epoch = checkpoint.epoch
    }

    /// What a person can compare with others: the epoch, and the hash of its committee.
    public struct Checkpoint: Sendable, Hashable {
        public let epoch: Epoch
        public let committee: Digest

        public init(epoch: Epoch, committee: Digest) {
            self.epoch = epoch
            self.committee = committee
        }
    }

    public func checkpoint(hash: some HashFunction) -> Checkpoint {
        Checkpoint(epoch: epoch, committee: committee.hash(using: hash))
    }

    /// Refuses from now on to be led past a checkpoint that its owner trusts: as good as starting there, for who starts
    /// earlier.
    public mutating func require(_ checkpoint: Checkpoint, hash: some HashFunction) {
        landmark = checkpoint
        hasPassedLandmark = checkpoint == self.checkpoint(hash: hash)
    }

    /// The last height of an epoch; nil where heights end.
    public func lastHeight(of epoch: Epoch) -> Height? {
        epoch.next.number.times(epochLength, over: 1).map(Height.init)
    }

    /// Goes on to the next epoch. What is refused changes nothing.
    @discardableResult
    public mutating func follow(
        _ handoff: Handoff, hash: some HashFunction, using cryptography: some ConsensusCryptography
    ) throws(HandoffError) -> VerifiedFinality {
        guard handoff.epoch == epoch else { throw .otherEpoch(handoff.epoch, expected: epoch) }
        let header = handoff.last.header
        let expected = lastHeight(of: epoch)
        guard header.height == expected else { throw .notTheLast(header.height, expected: expected ?? Height(.max)) }
        // The cheap half first: signatures are checked only for a committee that fits.
        guard let next = handoff.change.applied(to: committee), next.hash(using: hash) == header.nextCommittee else {
            throw .otherCommittee
        }
        let isThere = landmark?.epoch == epoch.next
        guard !isThere || landmark?.committee == header.nextCommittee else { throw .otherThanCheckpoint }
        let proven: VerifiedFinality
        do throws(VerificationError) {
            proven = try verify(handoff.last, hash: hash, using: cryptography)
        } catch {
            throw .proof(error)
        }
        (epoch, committee, last) = (epoch.next, next, proven)
        if isThere { hasPassedLandmark = true }
        return proven
    }

    /// Whether a block of the current epoch is final.
    public func verify(
        _ proof: FinalityProof, hash: some HashFunction, using cryptography: some ConsensusCryptography
    ) throws(VerificationError) -> VerifiedFinality {
        try MessageVerifier(
            chain: chain, hash: hash, cryptography: cryptography,
            epochs: [.init(epoch: epoch, committee: committee)]
        ).verify(proof)
    }
}
