public import CairnBase
public import CairnWire

/// How one epoch hands over to the next: its last block, proven final, and the committee that this block names.
///
/// A row of these, one for each epoch, is all that is needed to know from genesis who may sign today.
public struct Handoff: Sendable, Hashable, Canonical {
    public let last: FinalityProof
    /// From the committee of the epoch that ends to that of the one that begins.
    public let change: CommitteeChange

    public init(last: FinalityProof, change: CommitteeChange) {
        self.last = last
        self.change = change
    }

    public init(from reader: inout ByteReader) throws(DecodeError) {
        last = try FinalityProof(from: &reader)
        change = try CommitteeChange(from: &reader)
    }

    public func encode(into writer: inout ByteWriter) {
        last.encode(into: &writer)
        change.encode(into: &writer)
    }

    /// The epoch that ends.
    public var epoch: Epoch { last.header.epoch }
}

/// Why a handoff was refused.
public enum HandoffError: Error, Equatable, Sendable {
    /// It is not that of the epoch whose committee is known.
    case otherEpoch(Epoch, expected: Epoch)
    /// The block is final, but not the last of its epoch.
    case notTheLast(Height, expected: Height)
    case proof(VerificationError)
    /// The change does not lead to the committee that the block names.
    case otherCommittee
    /// It leads past the checkpoint that the owner trusts.
    case otherThanCheckpoint
}
