import CairnBase
import Testing

@testable import CairnTransport

/// Two sessions over two joined connections.
private struct Sessions {
    static let blocks = RequestKind("block", .block, questionLimit: 100, answerLimit: 5_000, time: .seconds(5))

    var pair: ConnectionPair
    var atDialer: PeerSession
    var atListener: PeerSession
    var dialerHeard: [PeerSession.Event] = []
    var listenerHeard: [PeerSession.Event] = []

    init(_ dialer: PeerHello?, _ listener: PeerHello?, speaksOurs: Bool = true) {
        let setting = PeerSession.Setting(
            identify: IdentifyMessage(node: nil), kinds: [Self.blocks], messageLimit: 100_000)
        let protocols = speaksOurs ? setting.protocols : Introductions.protocols
        pair = ConnectionPair(seed: 7, speaking: protocols)
        atDialer = PeerSession(setting, isDialer: true, limits: Limits())
        atListener = PeerSession(setting, isDialer: false, limits: Limits())
        (atDialer.hello, atListener.hello) = (dialer, listener)
        settle()
    }

    mutating func settle() {
        while true {
            _ = pair.settle()
            let (dialer, listener) = (pair.atDialer, pair.atListener)
            guard !dialer.isEmpty || !listener.isEmpty else { return }
            (pair.atDialer, pair.atListener) = ([], [])
            for event in dialer {
                _ = atDialer.handle(event, on: &pair.dialer, at: .origin, into: &dialerHeard, more: &pair.atDialer)
            }
            for event in listener {
                _ = atListener.handle(
                    event, on: &pair.listener, at: .origin, into: &listenerHeard, more: &pair.atListener)
            }
        }
    }

    static func reasons(_ events: [PeerSession.Event]) -> [String] {
        events.compactMap { if case .misfit(let reason) = $0 { reason } else { nil } }
    }
}

private func hello(
    version: UInt16 = 1, chain: UInt8 = 1, network: String = "here", time: UInt64 = 1_000_000
) -> PeerHello {
    PeerHello(
        version: version, chain: ChainID(Bytes32([UInt8](repeating: chain, count: 32)) ?? .zero), network: network,
        agent: "test", height: Height(3), time: time)
}

@Suite struct PeerSessionTests {
    @Test func helloComesFirstAndThenMessagesAndQuestions() throws {
        var ends = Sessions(hello(), hello(time: 1_020_000))
        #expect(ends.dialerHeard.contains(.introduced(hello(time: 1_020_000))))
        #expect(ends.listenerHeard.contains(.introduced(hello())))
        let long = [UInt8](repeating: 3, count: 90_000)
        let isSent = ends.atDialer.send(long, urgent: false, on: &ends.pair.dialer)
        let isUrgentSent = ends.atDialer.send([1], urgent: true, on: &ends.pair.dialer)
        #expect(isSent && isUrgentSent)
        let asked = ends.atListener.ask(
            Sessions.blocks, [9], on: &ends.pair.listener, at: .origin, more: &ends.pair.atListener)
        let question = try #require(asked)
        ends.settle()
        #expect(ends.listenerHeard.contains(.message(long, urgent: false)))
        #expect(ends.listenerHeard.contains(.message([1], urgent: true)))
        #expect(ends.dialerHeard.contains(.asked(question, name: "/cairn/block/1", [9])))
        let isAnswered = ends.atDialer.answer(
            question, status: 0, [8, 8], on: &ends.pair.dialer, more: &ends.pair.atDialer)
        #expect(isAnswered)
        ends.settle()
        #expect(ends.listenerHeard.contains(.answered(question, status: 0, [8, 8])))
        #expect(ends.atListener.heldCount == 0 && ends.atDialer.heldCount == 0)
    }

    @Test func bothEndsNameTheReasonWhyTheyDoNotFit() {
        let other = Sessions(hello(), hello(chain: 2, network: "there"))
        #expect(
            Sessions.reasons(other.dialerHeard) == [
                "it is on network \"there\" (chain 02020202), we are on \"here\" (chain 01010101)"
            ])
        #expect(
            Sessions.reasons(other.listenerHeard) == [
                "it is on network \"here\" (chain 01010101), we are on \"there\" (chain 02020202)"
            ])
        let old = Sessions(hello(), hello(version: 2))
        #expect(Sessions.reasons(old.dialerHeard) == ["it speaks version 2 of the protocol, we speak 1"])
        #expect(Sessions.reasons(old.listenerHeard) == ["it speaks version 1 of the protocol, we speak 2"])
        let late = Sessions(hello(), hello(time: 1_031_000))
        #expect(Sessions.reasons(late.dialerHeard) == ["its clock is 31 s ahead of ours"])
        #expect(Sessions.reasons(late.listenerHeard) == ["its clock is 31 s behind ours"])
        let idle = Sessions(hello(), nil)
        #expect(Sessions.reasons(idle.dialerHeard) == ["it takes part in no network"])
    }

    @Test func whoDoesNotSpeakOurProtocolsIsAStranger() {
        let ends = Sessions(hello(), hello(), speaksOurs: false)
        #expect(ends.dialerHeard.contains(.strange))
        #expect(!ends.listenerHeard.contains { if case .introduced = $0 { true } else { false } })
        #expect(ends.dialerHeard.contains { if case .identified = $0 { true } else { false } })
    }

    @Test func beforeTheHelloThereAreNoMessagesAndNoQuestions() {
        // A dialer without a hello of its own never says one.
        var ends = Sessions(nil, hello())
        let lane = ends.pair.dialer.open([MessageLanes.urgent.name], .urgent)
        if let lane { _ = ends.pair.dialer.write(lane, [1, 0, 0, 0, 7]) }
        let question = ends.pair.dialer.open([Sessions.blocks.spoken.name], .block)
        if let question {
            _ = ends.pair.dialer.write(question, [1, 7])
            ends.pair.dialer.finish(question)
        }
        ends.settle()
        #expect(ends.listenerHeard.contains(.broken("it sent a message before its hello")))
        #expect(!ends.listenerHeard.contains { if case .asked = $0 { true } else { false } })
        #expect(ends.atListener.send([1], urgent: true, on: &ends.pair.listener) == false)
    }

    @Test func aLongMessageAndASecondLaneBreakTheSession() {
        var ends = Sessions(hello(), hello())
        let again = ends.pair.dialer.open([MessageLanes.urgent.name], .urgent)
        if let again { _ = ends.pair.dialer.write(again, [0xff, 0xff, 0xff, 0x7f]) }
        ends.settle()
        #expect(ends.listenerHeard.contains(.broken("it opened /cairn/consensus/1 twice")))
        var long = Sessions(hello(), hello())
        let isSent = long.atListener.send(
            [UInt8](repeating: 0, count: 100_001), urgent: false, on: &long.pair.listener)
        #expect(isSent)
        long.settle()
        #expect(long.dialerHeard.contains(.violated(.oversizeMessage(limit: 100_000))))
    }
}
