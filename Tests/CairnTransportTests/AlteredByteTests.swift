import CairnBase
import Testing

@testable import CairnTransport

/// One altered byte, wherever: nobody says anything about it. Each end says what it would have said anyway until it
/// notices, and from then on nothing, so that nobody can tell from outside what was wrong.
@Suite struct AlteredByteTests {
    private struct Outcome {
        var faults: [ConnectionFault?] = []
        /// By end, dialer first: all the bytes it sent.
        var said = [0, 0]
        var failures = [0, 0]
    }

    /// Sets a connection up with one byte of one direction altered, and waits until the deadline.
    private func outcome(alter position: Int, towardsListener towards: Bool, by mask: UInt8) -> Outcome {
        var pair = ConnectionPair(seed: 9)
        var outcome = Outcome()
        var seen = 0
        pair.tamper = { towardsListener, bytes in
            outcome.said[towardsListener ? 0 : 1] += bytes.count
            guard towardsListener == towards else { return }
            if bytes.indices.contains(position - seen) { bytes[position - seen] ^= mask }
            seen += bytes.count
        }
        _ = pair.settle()
        pair.dialer.advance(to: .origin + .seconds(10), into: &pair.atDialer)
        pair.listener.advance(to: .origin + .seconds(10), into: &pair.atListener)
        _ = pair.settle()
        outcome.faults = [pair.dialer.fault, pair.listener.fault]
        outcome.failures = [pair.atDialer, pair.atListener].map { events in
            events.count { if case .failed = $0 { true } else { false } }
        }
        return outcome
    }

    private func sizes() -> [Bool: Int] {
        var honest = ConnectionPair(seed: 9)
        var sizes: [Bool: Int] = [:]
        honest.tamper = { towardsListener, bytes in sizes[towardsListener, default: 0] += bytes.count }
        _ = honest.settle()
        return sizes
    }

    @Test(arguments: [true, false])
    func everyByteOfTheHandshakeEndsTheConnectionInSilence(towardsListener towards: Bool) throws {
        let count = try #require(sizes()[towards])
        let negotiation = HostileDialer.noise.count
        // What an end has said where it may stop: the flights of `TranscriptTests`, each whole.
        let flights = TranscriptTests.pinned.map { $0.count / 2 }
        let honest = [[flights[0], flights[0] + flights[2]], [negotiation, flights[1], flights[1] + flights[3]]]
        for position in 0..<count {
            for mask in [0x01, 0x80] as [UInt8] {
                let outcome = outcome(alter: position, towardsListener: towards, by: mask)
                let name = "byte \(position) ^ \(mask) towards \(towards ? "listener" : "dialer")"
                #expect(outcome.faults.contains { $0 != nil }, "\(name) went unnoticed")
                #expect(outcome.failures.allSatisfy { $0 <= 1 }, "\(name): an end failed twice")
                // While the security is agreed on in the clear, a listener may answer that it does not speak it.
                guard position >= negotiation else { continue }
                for end in 0..<2 {
                    #expect(honest[end].contains(outcome.said[end]), "\(name): end \(end) said \(outcome.said[end])")
                }
            }
        }
    }

    /// The same for every byte of what is sealed on an open connection: at once, with one event, in silence.
    @Test func everyByteOfAStreamsFrameEndsTheConnectionInSilence() throws {
        var pair = ConnectionPair(seed: 9)
        _ = pair.settle()
        let opened = pair.dialer.open([ConnectionPair.echo.name], .block)
        let stream = try #require(opened)
        let isQueued = pair.dialer.write(stream, Array(0..<100))
        #expect(isQueued)
        var honest: [UInt8] = []
        pair.dialer.produce(1 << 20, into: &honest, events: &pair.atDialer)
        for position in honest.indices {
            for mask in [0x01, 0x80] as [UInt8] {
                var listener = pair.listener
                var altered = honest
                altered[position] ^= mask
                var events: [Connection.Event] = []
                listener.receive(altered.span.bytes, at: .origin, into: &events)
                guard position >= 2 || listener.fault != nil else {
                    // A longer length: the listener waits for more, and whatever comes does not open.
                    listener.receive([UInt8](repeating: 0, count: 1 << 16).span.bytes, at: .origin, into: &events)
                    #expect(events == [.failed(.noise(.notAuthentic))], "byte \(position)")
                    continue
                }
                #expect(listener.fault != nil && events.count == 1, "byte \(position): \(events)")
                #expect(!listener.hasOutput, "byte \(position): something was said about it")
            }
        }
    }
}
