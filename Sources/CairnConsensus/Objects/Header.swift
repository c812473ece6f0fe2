public import CairnBase
public import CairnWire

/// What a block says; its digest is what votes name.
///
/// It never holds certificate bytes: many sets of signatures prove the same thing, and the digest must not depend on
/// which one the leader happened to see.
public struct Header: Sendable, Hashable {
    public let chain: ChainID
    public let epoch: Epoch
    public let view: View
    public let height: Height
    public let parent: Digest
    /// The view in which the parent was proposed; zero for the block the epoch starts from.
    public let parentView: View
    public let payload: PayloadReference
    /// Milliseconds since 1970 by the proposer's clock, never before the parent's.
    public let time: UInt64
    public let leader: MemberIndex
    /// The hash of the committee of the next epoch, fixed since the end of the epoch before this one.
    public let nextCommittee: Digest
    /// The root of the state that the epoch starts from: after the last block of the epoch before, or after genesis.
    public let startState: Digest
    public let randomness: RandomnessStep

    public init(
        chain: ChainID, epoch: Epoch, view: View, height: Height, parent: Digest, parentView: View,
        payload: PayloadReference, time: UInt64, leader: MemberIndex, nextCommittee: Digest,
        startState: Digest, randomness: RandomnessStep
    ) {
        self.chain = chain
        self.epoch = epoch
        self.view = view
        self.height = height
        self.parent = parent
        self.parentView = parentView
        self.payload = payload
        self.time = time
        self.leader = leader
        self.nextCommittee = nextCommittee
        self.startState = startState
        self.randomness = randomness
    }

    public func digest(using hash: some HashFunction) -> Digest { digest(DomainTag("cn/block"), using: hash) }
}

extension Header: Canonical {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        chain = try reader.identifier()
        epoch = try reader.ordinal()
        view = try reader.ordinal()
        height = try reader.ordinal()
        parent = try reader.identifier()
        parentView = try reader.ordinal()
        payload = try PayloadReference(from: &reader)
        time = try reader.u64()
        leader = MemberIndex(try reader.u16())
        nextCommittee = try reader.identifier()
        startState = try reader.identifier()
        randomness = try RandomnessStep(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        writer.identifier(chain)
        writer.ordinal(epoch)
        writer.ordinal(view)
        writer.ordinal(height)
        writer.identifier(parent)
        writer.ordinal(parentView)
        payload.encode(into: &writer)
        writer.u64(time)
        writer.u16(leader.number)
        writer.identifier(nextCommittee)
        writer.identifier(startState)
        randomness.encode(into: &writer)
    }
}
