import CairnBase
import Testing

@testable import CairnTransport

/// Two sessions joined by a wire that delivers bytes in random pieces.
private struct Wire {
    var dialer = YamuxSession(.dialer, at: .origin)
    var listener = YamuxSession(.listener, at: .origin)
    var random: SeededRandom

    mutating func carry(rounds: Int = 10_000) -> (dialer: [YamuxSession.Event], listener: [YamuxSession.Event]) {
        var atDialer: [YamuxSession.Event] = []
        var atListener: [YamuxSession.Event] = []
        for _ in 0..<rounds where dialer.hasOutput || listener.hasOutput {
            var toListener: [UInt8] = []
            dialer.produce(4_096, into: &toListener, events: &atDialer)
            Self.feed(&listener, toListener, in: &random, &atListener)
            var toDialer: [UInt8] = []
            listener.produce(4_096, into: &toDialer, events: &atListener)
            Self.feed(&dialer, toDialer, in: &random, &atDialer)
        }
        return (atDialer, atListener)
    }

    private static func feed(
        _ session: inout YamuxSession, _ bytes: [UInt8], in random: inout SeededRandom,
        _ events: inout [YamuxSession.Event]
    ) {
        var start = 0
        while start < bytes.count {
            let count = min(bytes.count - start, 1 + Int(random.below(3_000)))
            session.receive(Array(bytes[start..<start + count]).span.bytes, at: .origin, into: &events)
            start += count
        }
    }
}

private func open(_ session: inout YamuxSession, _ sendClass: SendClass) throws -> StreamID {
    let id = session.open(sendClass)
    return try #require(id)
}

private func write(_ session: inout YamuxSession, _ id: StreamID, _ bytes: [UInt8]) {
    let accepted = session.write(id, bytes)
    #expect(accepted)
}

private func streamOfFirstFrame(_ bytes: [UInt8]) throws -> UInt32 {
    let header = YamuxHeader(Array(bytes.prefix(YamuxHeader.count)).span.bytes)
    return try #require(header).stream
}

private func received(_ events: [YamuxSession.Event], on id: StreamID) -> [UInt8] {
    events.reduce(into: []) { bytes, event in
        if case .received(id, let piece) = event { bytes.append(contentsOf: piece) }
    }
}

private func frame(
    _ kind: YamuxHeader.Kind, _ flags: YamuxHeader.Flags = [], stream: UInt32, length: UInt32, body: [UInt8] = []
) -> [UInt8] {
    var bytes: [UInt8] = []
    YamuxHeader(kind, flags, stream: stream, length: length).append(to: &bytes)
    return bytes + body
}

@Suite struct YamuxSessionTests {
    @Test(arguments: 0..<16 as Range<UInt64>)
    func manyStreamsCarryTheirBytesInOrderWithinTheirCredit(seed: UInt64) throws {
        var wire = Wire(random: SeededRandom(seed: seed))
        var random = SeededRandom(seed: seed).fork("content")
        var sent: [StreamID: [UInt8]] = [:]
        var order: [StreamID] = []
        for index in 0..<8 {
            let id = try open(&wire.dialer, SendClass.allCases[index % 4])
            let bytes = (0..<Int(random.below(30_000))).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            write(&wire.dialer, id, bytes)
            wire.dialer.finish(id)
            sent[id] = bytes
            order.append(id)
        }
        let events = wire.carry()
        for id in order {
            let arrived = received(events.listener, on: id)
            let whole = arrived == sent[id]
            #expect(whole, "\(id) carried \(arrived.count) bytes of \(sent[id]?.count ?? 0)")
            let ended = events.listener.contains(.finished(id))
            #expect(ended, "\(id)")
        }
        #expect(wire.dialer.fault == nil && wire.listener.fault == nil)
    }

    @Test func aStreamStopsAtItsCreditAndGoesOnWhenBytesAreConsumed() throws {
        var wire = Wire(random: SeededRandom(seed: 1))
        let id = try open(&wire.dialer, .bulk)
        write(&wire.dialer, id, [UInt8](repeating: 7, count: 300 << 10))
        var events = wire.carry()
        #expect(received(events.listener, on: id).count == 256 << 10)
        var reaction: [YamuxSession.Event] = []
        wire.listener.consume(id, 256 << 10, into: &reaction)
        events = wire.carry()
        #expect(received(events.listener, on: id).count == 44 << 10)
    }

    @Test func bothEndsFinishingClosesTheStream() throws {
        var wire = Wire(random: SeededRandom(seed: 2))
        let id = try open(&wire.dialer, .block)
        wire.dialer.finish(id)
        _ = wire.carry()
        wire.listener.finish(id)
        let events = wire.carry()
        #expect(events.listener == [.closed(id)] && events.dialer == [.finished(id), .closed(id)])
        #expect(wire.dialer.streamCount == 0 && wire.listener.streamCount == 0)
    }

    /// Found by the fuzzer: a reset of a number the peer had never heard of broke the session.
    @Test func aStreamResetBeforeItsFirstFrameHarmsNobody() throws {
        var wire = Wire(random: SeededRandom(seed: 3))
        var ignored: [YamuxSession.Event] = []
        let id = try open(&wire.dialer, .bulk)
        wire.dialer.reset(id, into: &ignored)
        let events = wire.carry()
        #expect(events.listener == [.opened(id), .reset(id)])
        #expect(wire.dialer.fault == nil && wire.listener.fault == nil)
        #expect(wire.dialer.streamCount == 0 && wire.listener.streamCount == 0)
    }

    @Test func streamsMayBeAnnouncedOutOfOrderButOnlyOnce() {
        var numbers = InboundNumbers(first: 1)
        let used = [5, 1, 3, 7].map { numbers.use($0) }
        #expect(used == [true, true, true, true])
        let again = [1, 5, 7, 2, 0].map { numbers.use($0) }
        #expect(again == [false, false, false, false, false])
        let farAhead = numbers.use(9 + 2 * 257)
        #expect(!farAhead)
    }

    @Test func anUrgentFrameWaitsForAtMostOneOther() throws {
        var session = YamuxSession(.dialer, at: .origin)
        let bulk = try open(&session, .bulk)
        write(&session, bulk, [UInt8](repeating: 1, count: 200_000))
        var events: [YamuxSession.Event] = []
        var before: [UInt8] = []
        session.produce(1, into: &before, events: &events)
        #expect(before.count <= 16 << 10 + 12)
        let vote = try open(&session, .urgent)
        write(&session, vote, [9])
        var after: [UInt8] = []
        session.produce(1, into: &after, events: &events)
        #expect(try streamOfFirstFrame(after) == vote.number)
    }

    @Test func aFloodOfVotesDoesNotStarveBlocks() throws {
        var session = YamuxSession(.dialer, at: .origin)
        let block = try open(&session, .block)
        write(&session, block, [UInt8](repeating: 1, count: 10))
        var streams: [UInt32] = []
        var events: [YamuxSession.Event] = []
        for _ in 0..<8 {
            let vote = try open(&session, .urgent)
            write(&session, vote, [9])
        }
        for _ in 0..<9 {
            var bytes: [UInt8] = []
            session.produce(1, into: &bytes, events: &events)
            streams.append(try streamOfFirstFrame(bytes))
        }
        #expect(try #require(streams.firstIndex(of: block.number)) <= 3)
    }

    @Test func roundTripsAreMeasuredAndSilenceEndsTheSession() {
        var session = YamuxSession(.dialer, at: .origin)
        var events: [YamuxSession.Event] = []
        session.keepAlive(at: .origin + .seconds(20), into: &events)
        session.receive(
            frame(.ping, .ack, stream: 0, length: 99).span.bytes, at: .origin + .seconds(20), into: &events)
        #expect(events.isEmpty, "an answer nobody asked for proves nothing")
        session.receive(
            frame(.ping, .ack, stream: 0, length: 1).span.bytes, at: .origin + .seconds(21), into: &events)
        #expect(events == [.roundTrip(.seconds(1))])
        for second in [40, 60, 80] as [UInt64] {
            session.keepAlive(at: .origin + .seconds(second), into: &events)
        }
        #expect(session.fault == .unresponsive)
    }
}

/// What a hostile peer may send to a listener, and what must come of it. None may trap or allocate by its claim.
@Suite struct YamuxHostilePeerTests {
    private func listenerAfter(_ bytes: [UInt8]) -> (YamuxSession, [YamuxSession.Event]) {
        var session = YamuxSession(.listener, at: .origin)
        var events: [YamuxSession.Event] = []
        session.receive(bytes.span.bytes, at: .origin, into: &events)
        return (session, events)
    }

    static let violations: [(name: String, bytes: [UInt8], fault: YamuxFault)] = [
        ("version 1", [1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], .malformedHeader),
        ("kind 4", [0, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0], .malformedHeader),
        ("flag 16", [0, 0, 0, 16, 0, 0, 0, 1, 0, 0, 0, 0], .malformedHeader),
        ("even number from a dialer", frame(.data, .syn, stream: 2, length: 0), .badStream(2)),
        ("stream zero", frame(.data, .syn, stream: 0, length: 0), .badStream(0)),
        (
            "a number twice", frame(.data, .syn, stream: 1, length: 0) + frame(.data, .syn, stream: 1, length: 0),
            .badStream(1)
        ),
        ("data on a stream never opened", frame(.data, stream: 5, length: 1, body: [0]), .badStream(5)),
        (
            "opening with more than the window", frame(.data, .syn, stream: 1, length: 262_145),
            .windowExceeded(stream: 1)
        ),
        ("four gigabytes announced", frame(.data, .syn, stream: 1, length: .max), .windowExceeded(stream: 1)),
        (
            "credit beyond any counter",
            frame(.windowUpdate, .syn, stream: 1, length: 0) + frame(.windowUpdate, stream: 1, length: .max),
            .creditOverflow(stream: 1)
        ),
        ("a ping on a stream", frame(.ping, .syn, stream: 1, length: 0), .badStream(1)),
    ]

    @Test(arguments: violations.indices)
    func violationsEndTheSession(index: Int) {
        let violation = Self.violations[index]
        let (session, events) = listenerAfter(violation.bytes)
        #expect(session.fault == violation.fault, "\(violation.name)")
        #expect(events.last == .failed(violation.fault), "\(violation.name)")
    }

    @Test func streamsBeyondTheLimitAreRefusedAndTheSessionLives() {
        var bytes: [UInt8] = []
        for index in 0..<400 as Range<UInt32> { bytes += frame(.data, .syn, stream: 1 + 2 * index, length: 0) }
        let (session, _) = listenerAfter(bytes)
        #expect(session.fault == nil)
        #expect(session.streamCount == 128)
    }

    @Test func refusingForEverIsBounded() {
        var bytes: [UInt8] = []
        for index in 0..<5_000 as Range<UInt32> { bytes += frame(.data, .syn, stream: 1 + 2 * index, length: 0) }
        let (session, _) = listenerAfter(bytes)
        #expect(session.fault == .controlFlood)
    }

    @Test func pingsBeyondTheLimitAreIgnored() {
        let bytes = (0..<50_000 as Range<UInt32>).flatMap { frame(.ping, .syn, stream: 0, length: $0) }
        let (session, _) = listenerAfter(bytes)
        #expect(session.fault == nil)
        #expect(session.ignoredPings == 49_968)
    }

    @Test func unreadStreamsCannotFillMemory() {
        var bytes: [UInt8] = []
        let body = [UInt8](repeating: 0, count: 200_000)
        for index in 0..<40 as Range<UInt32> {
            bytes += frame(.data, .syn, stream: 1 + 2 * index, length: UInt32(body.count), body: body)
        }
        let (session, events) = listenerAfter(bytes)
        let held = events.reduce(0) { sum, event in
            if case .received(_, let piece) = event { sum + piece.count } else { sum }
        }
        #expect(held <= 4 << 20)
        #expect(session.fault == nil)
        #expect(session.discardedBytes == UInt64(40 * body.count - held))
    }

    @Test(arguments: 0..<16 as Range<UInt64>)
    func noiseNeverTraps(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            var session = YamuxSession(random.chance(ppm: 500_000) ? .dialer : .listener, at: .origin)
            var events: [YamuxSession.Event] = []
            for _ in 0..<20 {
                var bytes = frame(
                    YamuxHeader.Kind(rawValue: UInt8(random.below(4))) ?? .data,
                    YamuxHeader.Flags(rawValue: UInt16(random.below(16))), stream: UInt32(random.below(6)),
                    length: UInt32(random.below(64)))
                bytes += (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                session.receive(bytes.span.bytes, at: .origin, into: &events)
                if let id = session.open(.bulk) { _ = session.write(id, [1, 2, 3]) }
                var output: [UInt8] = []
                session.produce(100, into: &output, events: &events)
            }
            #expect(session.streamCount <= 400)
        }
    }
}

@Suite struct OpenRateTests {
    @Test func aBurstIsAdmittedAndThenSoManyPerSecond() {
        var rate = OpenRate(perSecond: 100, burst: 128)
        let first = (0..<200).count { _ in rate.admits(at: .origin) }
        #expect(first == 128)
        let later = (1...1_000 as ClosedRange<UInt64>).count { rate.admits(at: .origin + .milliseconds($0)) }
        #expect(later == 100)
        let muchLater = (0..<200).count { _ in rate.admits(at: .origin + .seconds(60)) }
        #expect(muchLater == 128)
    }
}
