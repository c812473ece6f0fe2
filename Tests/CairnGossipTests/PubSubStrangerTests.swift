import CairnBase
import Testing

@testable import CairnGossip

/// What invalid messages prove, by who brings them: a peer of our network has checked what it passes on, any other libp2p
/// node may check nothing.
@Suite struct PubSubStrangerTests {
    private static let stranger = PubSubNetwork.node(1)

    private func bench(isOfOurs: Bool) -> PubSubBench {
        var bench = PubSubBench(peers: 0)
        bench.join(1, isOfOurs: isOfOurs)
        return bench
    }

    /// Brings messages of an author, of which none holds; whether that makes it an offender.
    private func bring(
        _ numbers: ClosedRange<Int>, by author: Int, _ judgement: MessageJudgement, to bench: inout PubSubBench
    ) -> Bool {
        var isOffender = false
        for number in numbers {
            let message = PubSubNetwork.message([UInt8(number), 3, 3, 7], by: author, sequence: UInt64(number))
            bench.hear(1) { $0.messages = [message] }
            bench.give(.judged(message.id, judgement))
            isOffender = isOffender || bench.effects.contains(.offended(Self.stranger))
        }
        return isOffender
    }

    @Test(arguments: [MessageJudgement.reject, .forged])
    func `a stranger that passes on what others published loses points for it and is no offender`(
        judgement: MessageJudgement
    ) {
        var bench = bench(isOfOurs: false)
        #expect(!bring(1...4, by: 7, judgement, to: &bench))
        #expect(bench.score(1) < bench.core.settings.score.publishThreshold)
        #expect(!bring(5...40, by: 7, judgement, to: &bench))
        #expect(bench.core.counters.graylisted > 0, "it is not heard any more")
    }

    @Test(arguments: [MessageJudgement.reject, .forged])
    func `what a stranger published itself proves as much as what one of ours passes on`(judgement: MessageJudgement) {
        var (stranger, member) = (bench(isOfOurs: false), bench(isOfOurs: true))
        #expect(!bring(1...4, by: 1, judgement, to: &stranger) && bring(5...5, by: 1, judgement, to: &stranger))
        #expect(!bring(1...4, by: 7, judgement, to: &member) && bring(5...5, by: 7, judgement, to: &member))
    }

    @Test func `a stranger becomes one of ours by saying so, and stays it for as long as it is remembered`() {
        var bench = bench(isOfOurs: false)
        bench.give(.introduced(Self.stranger))
        #expect(bench.core.traits(of: Self.stranger)?.isOfOurs == true)
        bench.give(.left(Self.stranger))
        bench.join(1, isOfOurs: false)
        #expect(bring(1...5, by: 7, .reject, to: &bench), "to come back as a stranger makes nothing undone")
    }

    @Test func `bytes that are no envelope are whose connection they came over, whoever that is`() {
        var bench = bench(isOfOurs: false)
        for _ in 0..<5 { bench.give(.unreadable(from: Self.stranger)) }
        #expect(bench.effects.contains(.offended(Self.stranger)))
    }
}
