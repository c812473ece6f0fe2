import CairnBase
import CairnCrypto
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
    }

    /// A leader dates its blocks as it likes, and a peer its hello.
    @Test func aClockIsWrongWhereEnoughAgree() {
        let lie: [Int64] = [-9_000, -9_000, -9_000]
        #expect(ClockOffset(peers: [5, -7], blocks: lie).agreed == nil, "too few peers")
        #expect(ClockOffset(peers: [5, -7, -12], blocks: lie).agreed == -7)
        #expect(ClockOffset(peers: [5, 7, 12], blocks: lie).agreed == 0)
        #expect(ClockOffset(peers: [-8_000, -7_000, -9_500], blocks: lie).agreed == -8_000)
        #expect(ClockOffset(peers: [-8_000, -7_000, -9_500], blocks: []).json(bound: .seconds(30))["apart"] == true)
        #expect(ClockOffset(peers: [5, -7, -12], blocks: lie).json(bound: .seconds(30))["apart"] == false)
    }

    @Test func aLeaderHasOneVoiceAndOneselfNone() {
        func block(_ view: UInt64, of proposer: UInt8, time: UInt64) -> BlockSummary {
            BlockSummary(
                height: Height(view), epoch: Epoch(0), view: View(view), digest: Digest(.zero), root: Digest(.zero),
                time: time, proposer: AccountID(Blake2b().digest(DomainTag("cn/test"), [proposer]).raw),
                transactionCount: 0)
        }
        var clock = BlockClock()
        for view in 0..<40 as Range<UInt64> {
            clock.note(block(view, of: UInt8(view % 20), time: view), at: 100, isNews: true)
        }
        #expect(clock.offsets.count == 15 && clock.offsets.last == -61)
        clock.note(block(40, of: 19, time: UInt64.max), at: 0, isNews: true)
        #expect(clock.offsets.count == 15 && clock.offsets.last == Int64.max)
        clock.lead(Epoch(0), View(41))
        clock.note(block(41, of: 1, time: 7), at: 0, isNews: true)
        #expect(clock.offsets.last == Int64.max)
        clock.note(block(42, of: 2, time: 1), at: 100, isNews: false)
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
