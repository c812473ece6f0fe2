import CairnBase
import CairnRadio
import CairnWitness
import Testing

/// The simulated gateway against the node's side of the protocol, datagram by datagram.
@Suite struct ForwarderTests {
    private let home = Endpoint(.loopback, port: 40_000)

    private func station(_ behaviour: Station.Behaviour = .honest) throws -> Station {
        let position = try #require(Position(latitude: 0, longitude: 0))
        return Station(eui: 0x0102_0304_0506_0708, position: position, behaviour: behaviour)
    }

    private func reception() -> Reception {
        Reception(
            payload: [0xe0, 1] + [UInt8](repeating: 3, count: 26), frequency: 868_100_000, spreading: 9, bandwidth: 0,
            strength: -1_000, signalStrength: nil, signalToNoise: 55, counter: 9, fineTime: nil)
    }

    private func datagrams(_ effects: [Forwarder.Effect]) -> [[UInt8]] {
        effects.compactMap { if case .datagram(let bytes) = $0 { bytes } else { nil } }
    }

    @Test func aBeaconGoesOutAndComesIn() throws {
        var forwarder = Forwarder(try station())
        var server = ForwarderServer(listed: [0x0102_0304_0506_0708])
        var sent: [Forwarder.Effect] = []
        forwarder.handle(.start, at: .origin, into: &sent)
        #expect(datagrams(sent).first?.count == 12)
        var answers: [ForwarderServer.Effect] = []
        for bytes in datagrams(sent) { server.handle(.datagram(bytes, from: home), at: .origin, into: &answers) }
        let request = SendRequest(
            payload: reception().payload, frequency: 868_300_000, spreading: 8, bandwidth: 0, power: 13)
        server.handle(.send(request, by: 0x0102_0304_0506_0708), at: .origin, into: &answers)
        var orders: [Forwarder.Effect] = []
        for case .reply(let bytes, home) in answers { forwarder.handle(.datagram(bytes), at: .origin, into: &orders) }
        #expect(orders.contains(.transmit(request)))
        #expect(forwarder.counters.acknowledged == 1 && forwarder.counters.strange == 0)
        answers = []
        for bytes in datagrams(orders) { server.handle(.datagram(bytes, from: home), at: .origin, into: &answers) }
        #expect(answers == [.sent(.accepted, by: 0x0102_0304_0506_0708)])

        var reports: [Forwarder.Effect] = []
        forwarder.handle(.received(reception()), at: .origin, into: &reports)
        answers = []
        for bytes in datagrams(reports) { server.handle(.datagram(bytes, from: home), at: .origin, into: &answers) }
        #expect(answers.contains(.beacon(reception(), by: 0x0102_0304_0506_0708)))
    }

    @Test func whatOwnersDoShowsInWhatIsReported() throws {
        var effects: [Forwarder.Effect] = []
        var twice = Forwarder(try station(.replaying))
        twice.handle(.received(reception()), at: .origin, into: &effects)
        #expect(datagrams(effects).count == 2)
        effects = []
        var late = Forwarder(try station(.late(by: .seconds(3))))
        late.handle(.received(reception()), at: .origin, into: &effects)
        #expect(effects == [.hold(reception(), until: .origin + .seconds(3))])
        effects = []
        var rewriting = Forwarder(try station(.rewriting(to: -900)))
        rewriting.handle(.received(reception()), at: .origin, into: &effects)
        let text = String(decoding: datagrams(effects)[0], as: UTF8.self)
        #expect(text.contains("\"rssi\":-90,"))
    }
}
