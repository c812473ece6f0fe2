public import CairnBase

/// When what of a round may happen, in blocks after the one it begins with.
///
/// The seven ask one after the other: of shards a block apart, for reading eight leaves costs nothing that a machine behind
/// many identities would have to do for each of them; of sealed partitions D and a second apart. Where the round is
/// contained, three others ask at once when the answers to the seventh are in.
public struct AuditTimes: Sendable, Hashable {
    /// How long an answer may take, to all that is asked.
    public let deadline: TimeSpan
    /// Blocks between two who ask.
    let slot: UInt64
    /// Blocks that pass until an answer, and the receipt about it, are with everybody.
    let answer: UInt64
    public let window: ClosedRange<UInt64>

    /// Blocks for a receipt of the seventh to reach those who would have to ask again.
    private static let spread: UInt64 = 1

    /// Nil where the receipts of those who ask again would come after they are frozen: blocks are too fast for it.
    ///
    /// - Parameter apart: the time between two who ask; nil for a block.
    public init?(
        deadline: TimeSpan, apart: TimeSpan? = nil, pace: TimeSpan, window: (first: UInt64, last: UInt64)
    ) {
        guard pace.nanoseconds > 0, window.first >= 2, window.first <= window.last else { return nil }
        self.deadline = deadline
        answer = Self.blocks(deadline + .seconds(1), pace)
        slot = apart.map { Self.blocks($0, pace) } ?? 1
        self.window = window.first...window.last
        guard again + answer <= window.first - 2 else { return nil }
    }

    private static func blocks(_ span: TimeSpan, _ pace: TimeSpan) -> UInt64 {
        let (whole, rest) = span.nanoseconds.quotientAndRemainder(dividingBy: pace.nanoseconds)
        // Longer than any window: what is added to it cannot overflow.
        return min(whole + (rest == 0 ? 0 : 1), 1 << 20)
    }

    private var again: UInt64 { 1 + UInt64(RoundTally.witnesses - 1) * slot + answer + Self.spread }

    /// The height at which the witness of a slot asks.
    func asks(_ slot: Int, of round: Height) -> Height { round.advanced(by: 1 + UInt64(clamping: slot) * self.slot) }

    /// The height at which a contained round is asked again.
    func asksAgain(_ round: Height) -> Height { round.advanced(by: again) }

    /// What is here by now must be in the verdict; what comes in the next block may be.
    func frozen(_ round: Height) -> Height { round.advanced(by: window.lowerBound - 2) }

    func accepts(_ round: Height) -> ClosedRange<Height> { round.next...frozen(round).next }

    /// From here on a verdict may say that somebody was not heard.
    func secondHalf(_ round: Height) -> Height {
        round.advanced(by: window.lowerBound + (window.upperBound - window.lowerBound + 1) / 2)
    }

    func verdict(_ round: Height) -> ClosedRange<Height> {
        round.advanced(by: window.lowerBound)...round.advanced(by: window.upperBound)
    }
}
