import CairnBase
import CairnCrypto
import CairnWire
import CairnWitness
import Testing

@Suite struct ForwarderTests {
    private let eui: UInt64 = 0xaa55_5a00_0000_0101
    private let source = Endpoint(.loopback, port: 4711)

    private func push(_ text: String, version: UInt8 = 2, token: UInt16 = 0x1234) -> [UInt8] {
        ForwarderDatagram(version: version, token: token, kind: .pushData, eui: eui, text: Array(text.utf8)).bytes
    }

    private func handle(
        _ server: inout ForwarderServer, _ bytes: [UInt8], at now: Instant = .origin
    ) -> [ForwarderServer.Effect] {
        var effects: [ForwarderServer.Effect] = []
        server.handle(.datagram(bytes, from: source), at: now, into: &effects)
        return effects
    }

    private func packet(data: String, size: Int, frequency: String = "868.100000") -> String {
        "{\"tmst\":3512348611,\"chan\":2,\"rfch\":0,\"freq\":\(frequency),\"stat\":1,\"modu\":\"LORA\","
            + "\"datr\":\"SF7BW125\",\"codr\":\"4/6\",\"rssi\":-35,\"lsnr\":5.1,\"size\":\(size),\"data\":\"\(data)\"}"
    }

    @Test func everyMessageHasItsBytes() {
        var server = ForwarderServer(listed: [eui])
        // PUSH_DATA is answered with its own token, PULL_DATA too.
        #expect(hex(push("{}")) == "02123400aa555a00000001017b7d")
        #expect(handle(&server, push("{}")) == [.reply([2, 0x12, 0x34, 1], to: source)])
        let pull = ForwarderDatagram(token: 0x0102, kind: .pullData, eui: eui).bytes
        #expect(hex(pull) == "02010202aa555a0000000101")
        #expect(handle(&server, pull) == [.reply([2, 1, 2, 4], to: source)])
        let frame = SendRequest(
            payload: [1, 2, 3, 4], frequency: 868_100_000, spreading: 9, bandwidth: 0, power: 14)
        var effects: [ForwarderServer.Effect] = []
        server.handle(.send(frame, by: eui), at: .origin, into: &effects)
        let text =
            "{\"txpk\":{\"imme\":true,\"freq\":868.100000,\"rfch\":0,\"powe\":14,\"modu\":\"LORA\",\"datr\":\"SF9BW125\""
            + ",\"codr\":\"4/5\",\"ipol\":false,\"prea\":8,\"ncrc\":false,\"size\":4,\"data\":\"AQIDBA==\"}}"
        #expect(effects == [.reply([2, 0, 1, 3] + Array(text.utf8), to: source)])
        #expect(SendRequest(text: Array(text.utf8), payloadMax: 255) == frame)
        // TX_ACK without a text, then one that nobody waits for.
        let ack = ForwarderDatagram(token: 1, kind: .sendAck, eui: eui).bytes
        #expect(handle(&server, ack) == [.sent(.accepted, by: eui)])
        #expect(handle(&server, ack).isEmpty && server.counters.unexpected == 1)
    }

    @Test(arguments: [
        ("{\"txpk_ack\":{\"error\":\"NONE\"}}", SendOutcome.accepted),
        ("{\"txpk_ack\":{\"error\":\"TOO_LATE\"}}", .refused("TOO_LATE")),
        ("{\"txpk_ack\":{\"error\":\"TX_POWER\",\"value\":12}}", .power(12)),
        ("{\"txpk_ack\":{\"warn\":\"TX_POWER\",\"value\":20}}", .power(20)), ("{}", .accepted),
    ])
    func outcomesOfBothVersionsAreRead(_ text: String, _ outcome: SendOutcome) {
        var server = ForwarderServer(listed: [eui])
        _ = handle(&server, ForwarderDatagram(token: 9, kind: .pullData, eui: eui).bytes)
        var effects: [ForwarderServer.Effect] = []
        let frame = SendRequest(payload: [1], frequency: 868_100_000, spreading: 7, bandwidth: 0, power: 14)
        server.handle(.send(frame, by: eui), at: .origin, into: &effects)
        let ack = ForwarderDatagram(token: 1, kind: .sendAck, eui: eui, text: Array(text.utf8)).bytes
        #expect(handle(&server, ack) == [.sent(outcome, by: eui)])
    }

    /// The samples of the protocol text: base64 without padding, an FSK packet, numbers in several spellings.
    @Test func whatForwardersReallySendIsRead() throws {
        var server = ForwarderServer(listed: [eui])
        let text =
            "{\"rxpk\":[{\"time\":\"2013-03-31T16:21:17.528002Z\",\"tmst\":3512348611,\"chan\":2,\"rfch\":0,"
            + "\"freq\":866.349812,\"stat\":1,\"modu\":\"LORA\",\"datr\":\"SF7BW125\",\"codr\":\"4/6\",\"rssi\":-35,"
            + "\"lsnr\":5.1,\"size\":32,\"data\":\"-DS4CGaDCdG+48eJNM3Vai-zDpsR71Pn9CPA9uCON84\"},"
            + "{\"time\":\"2013-03-31T16:21:17.532038Z\",\"tmst\":3316387610,\"chan\":0,\"rfch\":0,\"freq\":863.00981,"
            + "\"stat\":1,\"modu\":\"FSK\",\"datr\":50000,\"rssi\":-75,\"size\":16,\"data\":\"VEVTVF9QQUNLRVRfMTIzNA==\"}],"
            + "\"stat\":{\"time\":\"2014-01-12 08:59:28 GMT\",\"lati\":46.24000,\"long\":3.25230,\"rxnb\":2,\"rxok\":2,"
            + "\"rxfw\":2,\"ackr\":100.0,\"new\":{\"x\":[1e3,-2.5E-1]}}}"
        let effects = handle(&server, push(text, version: 1))
        #expect(effects.first == .reply([1, 0x12, 0x34, 1], to: source))
        guard effects.count == 3, case .uplink(let reception, _) = effects[1] else {
            Issue.record("\(effects)")
            return
        }
        #expect(reception.frequency == 866_349_812 && reception.strength == -350 && reception.signalToNoise == 51)
        #expect(reception.payload.count == 32 && reception.counter == 3_512_348_611)
        #expect(effects[2] == .ignored(.notLoRa, by: eui))
        let status = try #require(server.gateways[eui]?.status)
        #expect(status.latitude == 462_400_000 && status.acknowledged == 1_000 && status.valid == 2)
    }

    @Test func aBeaconIsToldFromOtherFrames() throws {
        var server = ForwarderServer(listed: [eui])
        let beacon = try Round(Town(4)).beacon
        let reception = Reception(
            payload: beacon.payload, frequency: beacon.frequency, spreading: beacon.spreading, bandwidth: 0,
            strength: -970, signalStrength: nil, signalToNoise: -45, counter: 5, fineTime: 77)
        let effects = handle(&server, push("{\"rxpk\":[\(reception.forwarderJSON)]}"))
        #expect(effects.dropFirst() == [.beacon(reception, by: eui)])
    }

    @Test func aFullDatagramIsTakenAndMoreIsCounted() {
        var server = ForwarderServer(listed: [eui])
        let packets = (0..<260).map { _ in packet(data: "AQIDBA", size: 4, frequency: "868") }
        let effects = handle(&server, push("{\"rxpk\":[" + packets.joined(separator: ",") + "]}"))
        #expect(effects.count == 1 + 255)
        #expect(server.gateways[eui]?.surplus == 5 && server.gateways[eui]?.uplinks == 255)
    }

    @Test(arguments: [
        ("{\"stat\":-1}", PacketRefusal.damaged), ("{\"modu\":\"FSK\"}", .notLoRa), ("{}", .incomplete),
        ("{\"datr\":\"SF7BW125\",\"freq\":868,\"rssi\":-35,\"lsnr\":5,\"size\":3,\"data\":\"AQIDBA\"}", .badData),
        ("{\"datr\":\"SF7BW125\",\"freq\":868,\"rssi\":-35,\"lsnr\":5,\"data\":\"A*\"}", .badData),
        ("{\"datr\":\"SF7BW125\",\"freq\":9999,\"rssi\":-35,\"lsnr\":5,\"data\":\"AQ\"}", .incomplete),
    ])
    func whatCannotBeUsedIsIgnoredWithAReason(_ packet: String, _ refusal: PacketRefusal) {
        var server = ForwarderServer(listed: [eui])
        #expect(handle(&server, push("{\"rxpk\":[\(packet)]}")).dropFirst() == [.ignored(refusal, by: eui)])
        #expect(server.gateways[eui]?.refused[refusal.rawValue] == 1)
    }

    @Test func strangersAndFloodsGetSilence() {
        var server = ForwarderServer(listed: [1])
        #expect(handle(&server, push("{}")).isEmpty && server.counters.unlisted == 1)
        server = ForwarderServer(listed: [eui])
        for _ in 0..<150 { _ = handle(&server, push("{}")) }
        #expect(server.counters.rateLimited == 50)
        #expect(!handle(&server, push("{}"), at: Instant(nanoseconds: 1_000_000_000)).isEmpty)
        var effects: [ForwarderServer.Effect] = []
        let frame = SendRequest(payload: [1], frequency: 868_100_000, spreading: 7, bandwidth: 0, power: 14)
        server.handle(.send(frame, by: eui), at: .origin, into: &effects)
        #expect(effects == [.unsent(frame, by: eui)])
    }

    /// A listed gateway's PUSH is acknowledged whatever it carries; everything else that is malformed gets nothing.
    @Test func aThousandMalformedDatagrams() {
        var random = SeededRandom(seed: 7)
        var server = ForwarderServer(listed: [eui])
        let good = push("{\"rxpk\":[\(packet(data: "AQIDBA==", size: 4))]}")
        var answered: UInt64 = 0
        for round in 0..<1_000 {
            var bytes = good
            for _ in 0...random.below(8) {
                bytes[Int(random.below(UInt64(bytes.count)))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.chance(ppm: 300_000) { bytes.removeLast(Int(random.below(UInt64(bytes.count)))) }
            let effects = handle(&server, bytes, at: Instant(nanoseconds: UInt64(round) * 1_000_000_000))
            let isFromGateway = bytes.count >= 12 && (1...2).contains(bytes[0]) && bytes[4..<12] == good[4..<12]
            let replies = effects.filter { if case .reply = $0 { true } else { false } }
            #expect(replies.count == (isFromGateway && (bytes[3] == 0 || bytes[3] == 2) ? 1 : 0))
            answered += UInt64(replies.count)
        }
        let counters = server.counters
        #expect(answered > 100 && counters.malformed > 10 && counters.unlisted > 100 && counters.unreadable > 10)
        #expect(server.gateways.count == 1)
    }
}
