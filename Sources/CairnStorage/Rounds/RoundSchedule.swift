public import CairnBase

/// When a partition is asked, and when each of its witnesses asks.
///
/// All partitions of a profile that are due in an epoch are asked at one height, so that a machine behind many
/// identities has to walk for all of them at once. Nobody knows that height, or which partitions are due, before the
/// block at which the round begins: who lacks something has no time to make it.
public struct RoundSchedule: Sendable, Hashable {
    public let epochBlocks: UInt64
    /// A partition is due in one of so many epochs, on the average.
    public let period: UInt64
    public let pace: TimeSpan

    private static let tag = DomainTag("cn/rnd.at")
    private static let dueTag = DomainTag("cn/rnd.due")

    /// Nil unless all three are above zero, the period can be added to itself, and an epoch has room for the draw.
    public init?(epochBlocks: UInt64, period: UInt64, pace: TimeSpan) {
        guard epochBlocks >= 2, period >= 1, period <= .max / 2, pace.nanoseconds > 0 else { return nil }
        self.epochBlocks = epochBlocks
        self.period = period
        self.pace = pace
    }

    /// The heights at which the round of an epoch may begin: half of the epoch, so that its verdicts are in before the
    /// next one is paid.
    public func candidates(epoch: UInt64) -> Range<UInt64>? {
        let (start, overflow) = epoch.multipliedReportingOverflow(by: epochBlocks)
        guard !overflow, start < .max - epochBlocks - 3 else { return nil }
        return start + 3..<start + 3 + epochBlocks / 2
    }

    /// Whether the round begins at `height`, if it began at none before, by the randomness of that very block.
    ///
    /// One candidate of those that are left is meant, so each is as likely as any other, and the last one is certain.
    public func begins(at height: UInt64, profile: UInt16, randomness: Digest, using hash: some HashFunction) -> Bool {
        guard height > 0, let candidates = candidates(epoch: (height - 1) / epochBlocks), candidates.contains(height)
        else { return false }
        let draw = hash.draw(Self.tag, randomness, at: height, for: Self.subject(profile))
        return draw % (candidates.upperBound - height) == 0
    }

    /// The height of the round; nil as long as it has not begun at a block whose randomness is known.
    public func height(
        epoch: UInt64, profile: UInt16, using hash: some HashFunction, randomness: (UInt64) -> Digest?
    ) -> UInt64? {
        guard let candidates = candidates(epoch: epoch) else { return nil }
        for height in candidates {
            guard let known = randomness(height) else { return nil }
            if begins(at: height, profile: profile, randomness: known, using: hash) { return height }
        }
        return nil
    }

    /// Whether a partition is asked in the round that began at `height`: one in `period` is, drawn with the round.
    ///
    /// The draw does not depend on the provider, so the same partitions of all identities are asked at once.
    public func isDue(
        partition: UInt32, at height: UInt64, profile: UInt16, randomness: Digest, using hash: some HashFunction
    ) -> Bool {
        let draw = hash.draw(Self.dueTag, randomness, at: height, for: Self.subject(profile))
        return (draw % period + UInt64(partition) % period) % period == 0
    }

    private static func subject(_ profile: UInt16) -> [UInt8] {
        [UInt8(truncatingIfNeeded: profile), UInt8(truncatingIfNeeded: profile >> 8)]
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
