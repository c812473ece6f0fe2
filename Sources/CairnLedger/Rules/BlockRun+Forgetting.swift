public import CairnBase
public import CairnWire

/// What the state no longer holds: the first epochs of which it still has rewards and committees.
public struct Forgotten: Record {
    public internal(set) var rewardsUntil = Epoch(0)
    public internal(set) var committeesUntil = Epoch(0)

    init() {}

    public init(from reader: inout ByteReader) throws(DecodeError) {
        (rewardsUntil, committeesUntil) = (try reader.ordinal(), try reader.ordinal())
    }

    public func encode(into writer: inout ByteWriter) {
        writer.ordinal(rewardsUntil)
        writer.ordinal(committeesUntil)
    }
}

/// Rewards and committees are kept for as long as the parameters say, and a vote may change that: what became too old is
/// forgotten in order, a few epochs at each end of one, so that a shorter time leaves nothing behind.
extension BlockRun {
    mutating func forget() throws(StateError) {
        var done = try state.load(.forgotten) ?? Forgotten()
        let lag = parameters.settlementLag
        let rewards = lag.addingReportingOverflow(parameters[.rewardEpochs]).partialValue
        for _ in 0..<Self.forgottenAtOnce where done.rewardsUntil.advanced(by: rewards) <= epoch {
            try forgetRewards(of: done.rewardsUntil)
            done.rewardsUntil = done.rewardsUntil.next
        }
        let committees = max(parameters.evidenceEpochs, lag)
        for _ in 0..<Self.forgottenAtOnce where done.committeesUntil.advanced(by: committees) < epoch {
            state.remove(.committee(done.committeesUntil))
            done.committeesUntil = done.committeesUntil.next
        }
        state.store(.forgotten, done)
    }

    private static var forgottenAtOnce: Int { 4 }

    private mutating func forgetRewards(of old: Epoch) throws(StateError) {
        for profile in Profile.allCases { state.remove(.result(old, profile)) }
        for page in try numberPages() {
            guard let rewarded = try state.load(.rewardedNumbers(old, page)) else { continue }
            for number in rewarded.numbers(on: page) {
                state.remove(.reward(old, try state.require(.resourceName(number)).id))
            }
            state.remove(.rewardedNumbers(old, page))
        }
    }
}
