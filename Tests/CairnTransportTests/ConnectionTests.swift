import CairnBase
import CairnCrypto
import Testing

@testable import CairnTransport

/// Two connections joined by a wire that delivers bytes in random pieces, and what happened at each end.
struct ConnectionPair {
    static let echo = StreamProtocol("/cairn/echo/1", .block)
    static let votes = StreamProtocol("/cairn/votes/1", .urgent)

    var dialer: Connection
    var listener: Connection
    var random: SeededRandom
    var atDialer: [Connection.Event] = []
    var atListener: [Connection.Event] = []
    /// Alters bytes on their way to the listener or the dialer.
    var tamper: (_ towardsListener: Bool, _ bytes: inout [UInt8]) -> Void = { _, _ in }

    static func identity(_ label: UInt8) -> NoiseIdentity {
        NoiseIdentity(signedBy: SecretKey(seed: seed(label)), local: AgreementKey(seed: seed(label &+ 1)))
    }

    static func seed(_ label: UInt8) -> Seed {
        Seed(known: Blake2b().digest(DomainTag("cn/test"), [label]).raw)
    }

    init(seed: UInt64, expecting: NodeID? = nil, speaking protocols: [StreamProtocol] = [echo, votes]) {
        random = SeededRandom(seed: seed)
        dialer = Connection(
            .dialer, as: Self.identity(10), ephemeral: AgreementKey(seed: Self.seed(12)), expecting: expecting,
            speaking: protocols, at: .origin)
        listener = Connection(
            .listener, as: Self.identity(20), ephemeral: AgreementKey(seed: Self.seed(22)),
            speaking: protocols, at: .origin)
    }

    /// Carries bytes both ways until neither end has more; returns how many times the direction changed.
    mutating func settle() -> Int {
        var flights = 0
        while flights < 10_000 {
            var bytes: [UInt8] = []
            let towardsListener = dialer.hasOutput
            guard towardsListener || listener.hasOutput else { return flights }
            flights += 1
            if towardsListener {
                dialer.produce(1 << 20, into: &bytes, events: &atDialer)
                tamper(true, &bytes)
                Self.feed(&listener, bytes, in: &random, &atListener)
            } else {
                listener.produce(1 << 20, into: &bytes, events: &atListener)
                tamper(false, &bytes)
                Self.feed(&dialer, bytes, in: &random, &atDialer)
            }
        }
        return flights
    }

    private static func feed(
        _ connection: inout Connection, _ bytes: [UInt8], in random: inout SeededRandom,
        _ events: inout [Connection.Event]
    ) {
        var start = 0
        while start < bytes.count {
            let count = min(bytes.count - start, 1 + Int(random.below(900)))
            connection.receive(Array(bytes[start..<start + count]).span.bytes, at: .origin, into: &events)
            start += count
        }
    }
}

@Suite struct ConnectionTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func bothEndsLearnWhoTheOtherIs(seed: UInt64) {
        var pair = ConnectionPair(seed: seed)
        _ = pair.settle()
        #expect(pair.dialer.peer == ConnectionPair.identity(20).node)
        #expect(pair.listener.peer == ConnectionPair.identity(10).node)
        #expect(pair.dialer.export("cairn-test", count: 32) == pair.listener.export("cairn-test", count: 32))
        #expect(pair.dialer.export("cairn-test", count: 32) != pair.dialer.export("cairn-else", count: 32))
    }

    @Test func theFirstAnswerArrivesInTheSecondRoundTripAfterTheConnect() throws {
        var pair = ConnectionPair(seed: 3)
        var bytes: [UInt8] = []
        // First round trip: everything up to the listener's identity.
        pair.dialer.produce(1 << 20, into: &bytes, events: &pair.atDialer)
        pair.listener.receive(bytes.span.bytes, at: .origin, into: &pair.atListener)
        bytes = []
        pair.listener.produce(1 << 20, into: &bytes, events: &pair.atListener)
        pair.dialer.receive(bytes.span.bytes, at: .origin, into: &pair.atDialer)
        // Second: the dialer's identity, the muxer, a stream, its protocol and the first question leave together.
        let opened = pair.dialer.open([ConnectionPair.echo.name], .block)
        let stream = try #require(opened)
        let accepted = pair.dialer.write(stream, [1, 2, 3])
        #expect(accepted)
        bytes = []
        pair.dialer.produce(1 << 20, into: &bytes, events: &pair.atDialer)
        pair.listener.receive(bytes.span.bytes, at: .origin, into: &pair.atListener)
        #expect(pair.atListener.contains(.opened(stream, ConnectionPair.echo.name)))
        #expect(pair.atListener.contains(.received(stream, [1, 2, 3])))
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func streamsCarryBothWays(seed: UInt64) throws {
        var pair = ConnectionPair(seed: seed)
        _ = pair.settle()
        let opened = pair.listener.open(["/cairn/unknown/1", ConnectionPair.votes.name], .urgent)
        let stream = try #require(opened)
        _ = pair.settle()
        #expect(pair.atListener.contains(.agreed(stream, ConnectionPair.votes.name)))
        let wrote = pair.listener.write(stream, [7])
        #expect(wrote)
        _ = pair.settle()
        #expect(pair.atDialer.contains(.received(stream, [7])))
        pair.listener.finish(stream)
        pair.dialer.finish(stream)
        _ = pair.settle()
        #expect(pair.atDialer.last == .closed(stream) && pair.atListener.last == .closed(stream))
    }

    @Test func aStreamNobodyUnderstandsIsClosed() throws {
        var pair = ConnectionPair(seed: 1)
        _ = pair.settle()
        let opened = pair.dialer.open(["/cairn/unknown/1"], .bulk)
        let stream = try #require(opened)
        _ = pair.settle()
        #expect(pair.atDialer.contains(.closed(stream)))
        #expect(pair.dialer.fault == nil && pair.listener.fault == nil)
    }

    @Test func somebodyElseAtTheAddressIsRefused() {
        var pair = ConnectionPair(seed: 1, expecting: ConnectionPair.identity(30).node)
        _ = pair.settle()
        #expect(pair.dialer.fault == .wrongPeer(ConnectionPair.identity(20).node))
        #expect(pair.listener.peer == nil)
    }

    @Test func aHandshakeThatStallsIsGivenUp() {
        var connection = ConnectionPair(seed: 1).listener
        var events: [Connection.Event] = []
        connection.advance(to: .origin + .seconds(9), into: &events)
        #expect(connection.fault == nil)
        #expect(connection.nextDeadline == .origin + .seconds(10))
        connection.advance(to: .origin + .seconds(10), into: &events)
        #expect(events == [.failed(.tooSlow)])
    }

    @Test func aStreamThatNeverSaysWhatItSpeaksIsReset() throws {
        var pair = ConnectionPair(seed: 1)
        _ = pair.settle()
        let opened = pair.dialer.yamux.open(.bulk)
        let stream = try #require(opened)
        _ = pair.settle()
        pair.listener.advance(to: .origin + .seconds(10), into: &pair.atListener)
        #expect(pair.atListener.last == .closed(stream))
    }
}
