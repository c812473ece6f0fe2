import CairnBase
import Testing

@testable import CairnTransport

/// Two ends that ask each other over a connection.
private struct Asking {
    static let blocks = RequestKind("blocks", .block, questionLimit: 100, answerLimit: 5_000, time: .seconds(5))

    var pair: ConnectionPair
    var atDialer = Requests(of: [Self.blocks])
    var atListener = Requests(of: [Self.blocks])
    var dialerHeard: [Requests.Event] = []
    var listenerHeard: [Requests.Event] = []

    init(seed: UInt64) {
        pair = ConnectionPair(seed: seed, speaking: [Self.blocks.spoken])
        _ = pair.settle()
    }

    mutating func settle() {
        while true {
            _ = pair.settle()
            let (dialer, listener) = (pair.atDialer, pair.atListener)
            guard !dialer.isEmpty || !listener.isEmpty else { return }
            pair.atDialer = []
            pair.atListener = []
            for event in dialer {
                _ = atDialer.handle(
                    event, on: &pair.dialer, at: .origin, into: &dialerHeard, more: &pair.atDialer)
            }
            for event in listener {
                _ = atListener.handle(
                    event, on: &pair.listener, at: .origin, into: &listenerHeard, more: &pair.atListener)
            }
        }
    }

    mutating func ask(_ question: [UInt8], _ kind: RequestKind = blocks) -> StreamID? {
        atDialer.ask(kind, question, on: &pair.dialer, at: .origin, more: &pair.atDialer)
    }

    mutating func answer(_ id: StreamID, _ answer: [UInt8]) -> Bool {
        atListener.answer(id, status: 0, answer, on: &pair.listener, more: &pair.atListener)
    }
}

@Suite struct RequestsTests {
    @Test(arguments: 0..<4 as Range<UInt64>)
    func aQuestionIsAnswered(seed: UInt64) throws {
        var ends = Asking(seed: seed)
        let asked = ends.ask([1, 2, 3])
        let id = try #require(asked)
        ends.settle()
        #expect(ends.listenerHeard == [.asked(id, name: "/cairn/blocks/1", [1, 2, 3])])
        let long = [UInt8](repeating: 7, count: 5_000)
        let answered = ends.answer(id, long)
        #expect(answered)
        ends.settle()
        #expect(ends.dialerHeard == [.answered(id, status: 0, long)])
        #expect(ends.atDialer.nextDeadline == .distantFuture && ends.atListener.nextDeadline == .distantFuture)
        #expect(ends.pair.dialer.yamux.streamCount == 0 && ends.pair.listener.yamux.streamCount == 0)
    }

    @Test func aThirdOfAKindIsRefusedAtBothEnds() throws {
        var ends = Asking(seed: 1)
        let ids = (0..<3).map { _ in ends.ask([1]) }
        #expect(ids[0] != nil && ids[1] != nil && ids[2] == nil)
        // A peer that does not keep to it is refused by the other end.
        let forced = ends.pair.dialer.open([Asking.blocks.spoken.name], .block)
        let third = try #require(forced)
        ends.settle()
        #expect(ends.listenerHeard.count == 2)
        #expect(ends.pair.dialer.streams[third] == nil)
    }

    @Test func whatIsTooLongIsNeitherSentNorTaken() throws {
        var ends = Asking(seed: 1)
        let tooLong = ends.ask([UInt8](repeating: 0, count: 101))
        #expect(tooLong == nil)
        let generous = RequestKind("blocks", .block, questionLimit: 1_000, answerLimit: 10, time: .seconds(5))
        let asked = ends.ask([UInt8](repeating: 0, count: 101), generous)
        let id = try #require(asked)
        ends.settle()
        #expect(ends.listenerHeard.isEmpty && ends.dialerHeard == [.failed(id, .refused)])
        let second = ends.ask([1], generous)
        let other = try #require(second)
        ends.settle()
        let answered = ends.answer(other, [UInt8](repeating: 0, count: 11))
        #expect(answered)
        ends.settle()
        #expect(ends.dialerHeard.last == .failed(other, .malformed))
    }

    @Test func anAnswerThatDoesNotComeIsGivenUp() throws {
        var ends = Asking(seed: 1)
        let asked = ends.ask([1])
        let id = try #require(asked)
        ends.settle()
        #expect(ends.atDialer.nextDeadline == .origin + .seconds(5))
        ends.atDialer.advance(
            to: .origin + .seconds(5), on: &ends.pair.dialer, into: &ends.dialerHeard, more: &ends.pair.atDialer)
        #expect(ends.dialerHeard == [.failed(id, .tooLate)])
        ends.settle()
        let late = ends.answer(id, [1])
        #expect(!late)
        #expect(ends.dialerHeard.count == 1)
    }

    @Test func whoNoLongerWantsToKnowHearsNothing() throws {
        var ends = Asking(seed: 1)
        let asked = ends.ask([1])
        let id = try #require(asked)
        ends.atDialer.cancel(id, on: &ends.pair.dialer, more: &ends.pair.atDialer)
        ends.settle()
        #expect(ends.dialerHeard.isEmpty && ends.listenerHeard.isEmpty)
    }

    @Test func aKindThePeerDoesNotAnswerIsRefused() throws {
        var ends = Asking(seed: 1)
        let unknown = RequestKind("unknown", .bulk, questionLimit: 10, answerLimit: 10, time: .seconds(5))
        let asked = ends.ask([1], unknown)
        let id = try #require(asked)
        ends.settle()
        #expect(ends.dialerHeard == [.failed(id, .refused)])
    }
}
