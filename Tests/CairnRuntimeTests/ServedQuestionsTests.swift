import CairnBase
import CairnNode
import Testing

@testable import CairnRuntime

@Suite struct ServedQuestionsTests {
    /// A peer that takes its questions back and asks anew does not keep others from asking.
    @Test func nobodyFillsTheQueueAlone() throws {
        let greedy = NodeID(Bytes32([UInt8](repeating: 1, count: 32)) ?? .zero)
        let other = NodeID(Bytes32([UInt8](repeating: 2, count: 32)) ?? .zero)
        var served = ServedQuestions<HistoryAnswer?>()
        var answers = 0
        let open = (0..<2_000).compactMap { _ in served.open(for: greedy) { _ in answers += 1 } }
        #expect(open.count == ServedQuestions<HistoryAnswer?>.perPeer && served.refused == 2_000 - UInt64(open.count))
        let ticket = try #require(served.open(for: other) { _ in answers += 1 })
        served.close(open[0])?(nil)
        served.close(ticket)?(nil)
        let again = served.close(open[0])
        #expect(answers == 2 && again == nil)
        let next = served.open(for: greedy) { _ in }
        #expect(next != nil, "one was answered, another may come")
    }
}
