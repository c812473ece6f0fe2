import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnGossip

/// What fits a message by topic, what an envelope of ours may hold, and what becomes of more.
@Suite struct PubSubSizeTests {
    private let limits = Limits.Gossip()

    /// An envelope with one message of so many bytes, written by hand.
    private func envelope(dataBytes: Int) throws -> GossipEnvelope {
        let message = PubSubNetwork.message([UInt8](repeating: 5, count: dataBytes), by: 9)
        var writer = ProtobufWriter()
        writer.bytes(2, message.encoded)
        let bytes = writer.bytes
        return try GossipEnvelope(bytes.span.bytes, limits: limits, using: PubSubNetwork.hash)
    }

    @Test func `a message of 60 KiB is read, one byte more is refused and costs who sent it`() throws {
        #expect(limits.message == 60 << 10 && limits.envelope == 64 << 10)
        #expect(try envelope(dataBytes: limits.message).messages.count == 1)
        let larger = try envelope(dataBytes: limits.message + 1)
        #expect(larger.messages.isEmpty && larger.refusedMessages == 1)
        var bench = PubSubBench(peers: 1)
        bench.give(.received(larger, from: PubSubNetwork.node(1)))
        #expect(bench.core.counters.malformed == 1)
        #expect(bench.core.score.deeds(of: PubSubNetwork.node(1)).malformed == 1 && bench.score(1) < 0)
        for _ in 0..<4 { bench.give(.received(larger, from: PubSubNetwork.node(1))) }
        #expect(bench.effects.contains(.offended(PubSubNetwork.node(1))), "nobody honest sends five of them")
    }

    @Test func `every envelope of ours fits 64 KiB, also those with several of the largest messages on request`() {
        var bench = PubSubBench(peers: 1)
        var ids: [MessageID] = []
        for number in 0..<20 as Range<UInt8> {
            let message = PubSubNetwork.message(
                [UInt8](repeating: number, count: limits.message), by: 0, sequence: UInt64(number))
            ids.append(message.id)
            bench.give(.publish(message))
        }
        bench.hear(1) { $0.wanted = ids }
        let sent = bench.said(1)
        #expect(sent.flatMap(\.messages).map(\.id) == ids)
        #expect(sent.allSatisfy { $0.encoded.count <= limits.envelope && $0.messages.count == 1 })
    }

    /// The largest go to two of a mesh; the others are told, ask, and get them, all across the network.
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `messages of 60 KiB are announced and fetched by all whom they were not sent to`(seed: UInt64) {
        var network = PubSubNetwork(count: 30, seed: seed)
        network.linkAtRandom(each: 6)
        network.run(.seconds(5))
        let (before, bytes) = (network.nodes.map(\.counters.served), limits.message)
        let ids = (0..<6).map { index -> MessageID in
            let id = network.publish(by: index, bytes: bytes)
            network.run(.milliseconds(400))
            return id
        }
        network.run(.seconds(3))
        for (index, judged) in network.judged.enumerated() {
            #expect(ids.allSatisfy { judged[$0] != nil }, "node \(index)")
        }
        let fetched = zip(network.nodes, before).reduce(0) { $0 + $1.0.counters.served - $1.1 }
        #expect(fetched > 0, "some had to ask")
    }
}
