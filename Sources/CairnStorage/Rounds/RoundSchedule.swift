public import CairnBase

/// When a partition is asked, and when each of its witnesses asks.
///
/// All partitions of a profile that are due in an epoch are asked at one height, so that a machine behind many
/// identities has to walk for all of them at once.
public struct RoundSchedule: Sendable, Hashable {
    public let epochBlocks: UInt64
    /// A partition is due every so many epochs.
    public let period: UInt64
    public let pace: TimeSpan

    private static let tag = DomainTag("cn/rnd.at")

    /// Nil unless all three are above zero and an epoch has room for the draw.
    public init?(epochBlocks: UInt64, period: UInt64, pace: TimeSpan) {
        guard epochBlocks >= 2, period >= 1, pace.nanoseconds > 0 else { return nil }
        self.epochBlocks = epochBlocks
        self.period = period
        self.pace = pace
    }

    public func isDue(partition: UInt32, epoch: UInt64) -> Bool {
        let (sum, overflow) = epoch.addingReportingOverflow(UInt64(partition))
        return !overflow && sum % period == 0
    }

    /// The height of the round: drawn with the randomness of the epoch's first block, from its first half.
    public func height(
        epoch: UInt64, profile: UInt16, firstBlockRandomness: Digest, using hash: some HashFunction
    ) -> UInt64? {
        let (start, overflow) = epoch.multipliedReportingOverflow(by: epochBlocks)
        guard !overflow, start < .max - epochBlocks - 3 else { return nil }
        let first = start + 1
        let subject = [UInt8(truncatingIfNeeded: profile), UInt8(truncatingIfNeeded: profile >> 8)]
        let draw = hash.draw(Self.tag, firstBlockRandomness, at: first, for: subject)
        return first + 2 + draw % (epochBlocks / 2)
    }

    /// How many blocks lie between two slots: D and one second, rounded up to whole blocks.
    public func slotBlocks(_ terms: WalkTerms) -> UInt64 { blocks(terms.deadline + .seconds(1)) }

    /// The height at which the witness of `slot` asks.
    public func slotHeight(_ slot: Int, of round: UInt64, _ terms: WalkTerms) -> UInt64? {
        let (distance, overflow) = slotBlocks(terms).multipliedReportingOverflow(by: UInt64(clamping: slot))
        guard !overflow, slot >= 0 else { return nil }
        let (height, tooFar) = round.addingReportingOverflow(1 + min(distance, .max - 1))
        return tooFar ? nil : height
    }

    /// The height at which the receipts are frozen: the last slot, and time for its answers to arrive.
    public func frozen(_ round: UInt64, _ terms: WalkTerms, answers: TimeSpan) -> UInt64? {
        guard let last = slotHeight(RoundTally.witnesses - 1, of: round, terms) else { return nil }
        let (height, overflow) = last.addingReportingOverflow(blocks(answers))
        return overflow ? nil : height
    }

    private func blocks(_ span: TimeSpan) -> UInt64 {
        guard span.nanoseconds > 0 else { return 0 }
        let (whole, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: pace.nanoseconds)
        return rest == 0 ? whole : whole + 1
    }
}
