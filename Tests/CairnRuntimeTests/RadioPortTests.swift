import CairnBase
import CairnWitness
import Testing

@testable import CairnRuntime

/// What a packet forwarder sends over a real socket is there for whoever looks on, with what became of it.
@Suite struct RadioPortTests {
    @Test func everyPacketIsRememberedWithItsFate() throws {
        let run = try LoopRun()
        let eui: UInt64 = 0xaa55_5a00_0000_0101
        var beacon = [UInt8](repeating: 7, count: Beacon.payloadCount)
        (beacon[0], beacon[1]) = (Beacon.frameType, Beacon.version)
        var answers: [BeaconObjection?] = [nil, .repeated]
        let log = LogOutput(LogOutput.Options(), clock: { (Clock.wall(), .origin) }, destination: { _ in true })
            .logger("radio")
        let port = try RadioPort(on: run.loop, bind: .freeLoopback, eui: eui, log: log) { reception in
            #expect(reception.payload == beacon)
            return answers.removeFirst()
        }
        let forwarder = try UDPSocket(on: run.loop, bind: .freeLoopback) { _, payload in
            // The acknowledgement comes before the packets are read, in the same turn of the loop.
            #expect(payload.array.count == 4 && payload.array[3] == ForwarderDatagram.Kind.pushAck.rawValue)
            run.loop.after(.zero) { run.finish() }
        }
        let heard = reception(beacon).forwarderJSON
        let packets = [heard, heard, reception([0x40, 1, 2, 3]).forwarderJSON, #"{"stat":-1,"modu":"LORA"}"#]
        let text = #"{"rxpk":[\#(packets.joined(separator: ","))]}"#
        let push = ForwarderDatagram(token: 5, kind: .pushData, eui: eui, text: Array(text.utf8))
        #expect(forwarder.send(push.bytes, to: try #require(port.local)))
        try run.run()
        let kept = port.packets.packets(from: 0, limit: 10).map(\.1)
        #expect(kept.map { $0.ignored?.code ?? "taken" } == ["taken", "repeated", "not_ours", "damaged"])
        #expect(kept.map(\.isOurs) == [true, true, false, false])
        #expect(
            kept.allSatisfy { $0.gateway == eui } && kept.map { $0.reception?.strength } == [-930, -930, -930, nil])
        #expect(answers.isEmpty)
    }

    private func reception(_ payload: [UInt8]) -> Reception {
        Reception(
            payload: payload, frequency: 868_100_000, spreading: 8, bandwidth: 0, strength: -930, signalStrength: nil,
            signalToNoise: 70, counter: 1, fineTime: nil)
    }
}
