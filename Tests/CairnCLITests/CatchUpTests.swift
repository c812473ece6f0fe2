import CairnBase
import Testing

@testable import CairnCLI

/// Waiting for nodes that are behind: as long as they move, and no longer.
@Suite struct CatchUpTests {
    private let begin = Instant(nanoseconds: 1_000_000_000)

    @Test func whoMovesIsWaitedFor() {
        var catchUp = CatchUp(nodes: 3, at: begin)
        for second in 0..<500 as Range<UInt64> {
            let now = begin + .seconds(second)
            // The chain makes a block a second; the last node starts at nothing and takes two a second.
            catchUp.take([1_000 + second, 1_000 + second, 2 * second], at: now)
            #expect(catchUp.complaint(at: now) == nil)
        }
        #expect(catchUp.progress(["n0", "n1", "n2"]) == "n2 998 of 1499")
        catchUp.take([1_500, 1_499, 1_498], at: begin + .seconds(500))
        #expect(catchUp.progress(["n0", "n1", "n2"]) == "", "a block or two are no reason to speak")
    }

    @Test func whoStandsIsNamed() {
        var catchUp = CatchUp(nodes: 3, at: begin)
        for second in 0...CatchUp.stallTime.milliseconds / 1_000 {
            catchUp.take([100 + second, nil, second == 0 ? nil : 40], at: begin + .seconds(second))
        }
        let end = begin + CatchUp.stallTime
        #expect(catchUp.complaint(at: end) == .stands(node: 1, at: 0, of: 130), "it never answered")
        catchUp.take([nil, 131, nil], at: end)
        #expect(catchUp.complaint(at: end) == nil)
        #expect(catchUp.complaint(at: end + .seconds(1)) == .stands(node: 2, at: 40, of: 131))
    }

    @Test func whoNeverArrivesIsGivenUp() {
        var catchUp = CatchUp(nodes: 2, at: begin)
        var now = begin
        var height: UInt64 = 0
        while now < begin + CatchUp.patience {
            catchUp.take([height + 1_000, height], at: now)
            #expect(catchUp.complaint(at: now) == nil)
            height += 1
            now = now + .seconds(1)
        }
        catchUp.take([height + 1_000, height], at: now)
        #expect(catchUp.complaint(at: now) == .slow(node: 1, at: height, of: height + 1_000))
    }
}
