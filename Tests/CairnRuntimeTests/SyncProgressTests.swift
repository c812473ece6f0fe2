import CairnBase
import CairnNode
import CairnWire
import Testing

@testable import CairnRuntime

/// How far, how fast, how long; and whose clock is wrong.
@Suite struct SyncProgressTests {
    private func instant(_ milliseconds: UInt64) -> Instant { .origin + .milliseconds(milliseconds) }

    @Test func theRateIsThatOfTheLastSeconds() {
        var rate = BlockRate()
        #expect(rate.perThousandSeconds(at: Height(5), instant(0)) == nil)
        for second in 0..<60 as Range<UInt64> { rate.reach(Height(second * 7), at: instant(second * 1_000)) }
        let at = rate.perThousandSeconds(at: Height(59 * 7), instant(59_000))
        #expect(at == 7_000)
        #expect(rate.perThousandSeconds(at: Height(59 * 7), instant(90_000)) == nil, "nothing has come for long")
    }

    private func goal(_ proven: UInt64, _ claimed: UInt64? = nil) -> SyncTarget {
        SyncTarget(proven: Height(proven), claimed: Height(claimed ?? proven))
    }

    @Test func whoIsNearIsNotCatchingUp() {
        #expect(SyncProgress(to: nil, from: Height(9), rate: 1) == nil)
        #expect(SyncProgress(to: goal(29), from: Height(9), rate: 1) == nil)
        let progress = SyncProgress(to: goal(1_009), from: Height(9), rate: 2_000)
        #expect(progress?.behind == 1_000)
        #expect(progress?.left == .seconds(500))
        #expect(progress?.isProven == true)
        #expect(SyncProgress(to: goal(UInt64.max), from: .genesis, rate: 1)?.left == nil, "longer than can be said")
        #expect(SyncProgress(to: goal(100), from: .genesis, rate: nil)?.json["left_ms"] == .null)
    }

    /// Whoever says to be epochs ahead has proven nothing: that is shown, and is no reason to be called behind.
    @Test func aClaimMakesNobodyLate() {
        let progress = SyncProgress(to: goal(9, 1_000_000), from: Height(9), rate: nil)
        #expect(progress?.isProven == false)
        #expect(progress?.json["target"] == 1_000_000 && progress?.json["proven"] == 9)
        #expect(SyncProgress(to: goal(30, 1_000_000), from: Height(9), rate: nil)?.isProven == true)
    }

    @Test func theMiddleOneOfTheClocksCounts() {
        let offset = ClockOffset(peers: [-5, 9_000, 40], blocks: [])
        #expect(offset.milliseconds == 40)
        // A block comes now, a hello came when the connection began.
        #expect(ClockOffset(peers: [40], blocks: [-3_000, -2_900, -9]).milliseconds == -2_900)
        #expect(ClockOffset(peers: [], blocks: []).milliseconds == nil)
        var clock = BlockClock()
        for time in 0..<40 as Range<UInt64> { clock.note(time, at: 100, isNews: true) }
        #expect(clock.offsets.count == 15 && clock.offsets.last == -61)
        clock.note(UInt64.max, at: 0, isNews: true)
        #expect(clock.offsets.last == Int64.max)
        clock.note(1, at: 100, isNews: false)
        #expect(clock.offsets.isEmpty, "an old block says nothing of a clock")
    }

    @Test func aHundredBlocksAreOneLine() {
        var tally = BlockTally()
        var lines: [(blocks: Int, transactions: Int)] = []
        for view in stride(from: 1 as UInt64, through: 500, by: 2) {
            let block = BlockSummary(
                height: Height(view), epoch: Epoch(0), view: View(view), digest: Digest(.zero), root: Digest(.zero),
                time: 0, proposer: AccountID(.zero), transactionCount: 3)
            if let line = tally.add(block) { lines.append(line) }
        }
        #expect(lines.map(\.blocks) == [100, 100] && lines.map(\.transactions) == [300, 300])
        #expect(tally.blocks == 250 && tally.transactions == 750 && tally.skippedViews == 249)
    }
}
