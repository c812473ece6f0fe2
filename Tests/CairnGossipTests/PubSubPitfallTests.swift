import CairnBase
import CairnCrypto
import CairnWire
import Testing

@testable import CairnGossip

/// What has brought other implementations of pub/sub down, said to ours as bytes where the bytes are the trick.
@Suite struct PubSubPitfallTests {
    private static let topic = PubSubBench.topic
    private let limits = Limits.Gossip()

    private static func data(_ number: Int) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: number >> ($0 % 4 * 8)) }
    }

    private static func id(_ number: Int) -> MessageID { MessageID(topic, data(number), using: PubSubNetwork.hash) }

    private static func envelope(_ writer: ProtobufWriter) throws -> GossipEnvelope {
        let bytes = writer.bytes
        return try GossipEnvelope(bytes.span.bytes, limits: Limits.Gossip(), using: PubSubNetwork.hash)
    }

    private func bench(peers: Int) -> PubSubBench { PubSubBench(peers: peers) }

    @Test(arguments: [.max, .max / 1_000_000_000, .max / 1_000, 1 << 63, 3_601] as [UInt64])
    func `a prune with a backoff at the end of numbers counts for an hour, and the next heartbeats live`(
        seconds: UInt64
    ) throws {
        var bench = bench(peers: 1)
        var writer = ProtobufWriter()
        writer.message(3) { control in
            control.message(4) { prune in
                prune.string(1, Self.topic.name)
                prune.varint(3, seconds)
            }
        }
        let envelope = try Self.envelope(writer)
        for start in [Instant.origin, Instant(nanoseconds: .max - 2_000_000_000), Instant(nanoseconds: .max)] {
            bench.now = start
            bench.give(.received(envelope, from: PubSubNetwork.node(1)))
            let until = bench.core.topics[Self.topic]?.backoffs[PubSubNetwork.node(1)]?.until
            #expect(until == start + .seconds(3_601))
            for _ in 0..<3 {
                bench.now = bench.now + .seconds(1)
                bench.give(.timer)
            }
        }
    }

    @Test
    func `a flood of subscriptions in one envelope is cut at 64, and only our topics are kept until the peer leaves`()
        throws
    {
        var bench = bench(peers: 1)
        var writer = ProtobufWriter()
        // As many as fit the largest frame that is read.
        for index in 0..<80_000 {
            writer.message(1) { inner in
                inner.bool(1, true)
                inner.string(2, index == 0 ? Self.topic.name : "t\(index)")
            }
        }
        #expect(writer.bytes.count < limits.envelopeRead)
        let envelope = try Self.envelope(writer)
        #expect(envelope.subscriptions.count == limits.topicsPerPeer)
        bench.give(.received(envelope, from: PubSubNetwork.node(1)))
        #expect(
            bench.core.topics.filter { $0.value.subscribers.contains(PubSubNetwork.node(1)) }.map(\.key) == [Self.topic]
        )
        #expect(bench.core.knownTopics == [Self.topic])
        #expect(bench.core.counters.excess == UInt64(80_000 - limits.topicsPerPeer))
        bench.give(.left(PubSubNetwork.node(1)))
        bench.wait(.seconds(601))
        #expect(bench.core.heldCount == 0)
    }

    @Test func `ids that are not 20 bytes, more than 5000 of them, or in an eleventh announcement are not asked for`()
        throws
    {
        var bench = bench(peers: 3)
        var writer = ProtobufWriter()
        writer.message(3) { control in
            control.message(1) { inner in
                inner.string(1, Self.topic.name)
                for length in [0, 1, 19, 21, 32, 1_000] { inner.bytes(2, [UInt8](repeating: 7, count: length)) }
            }
        }
        let odd = try Self.envelope(writer)
        #expect(odd.announced.flatMap(\.ids).isEmpty && odd.excess == 6)
        bench.give(.received(odd, from: PubSubNetwork.node(1)))
        #expect(bench.core.wants.isEmpty)
        bench.hear(2) { $0.announced = [.init(topic: Self.topic, ids: (0..<6_000).map(Self.id))] }
        #expect(bench.core.wants.count == 5_000)
        for number in 0..<12 {
            bench.hear(3) { $0.announced = [.init(topic: Self.topic, ids: [Self.id(9_000 + number)])] }
        }
        #expect((0..<12).count { bench.core.wants.contains(Self.id(9_000 + $0)) } == 10)
        #expect(bench.core.counters.ignoredAnnouncements == 2)
    }

    @Test func `what was announced and never given is a broken promise, and the fourth costs points`() {
        var bench = bench(peers: 1)
        for number in 0..<6 {
            bench.hear(1) { $0.announced = [.init(topic: Self.topic, ids: [Self.id(number)])] }
            bench.wait(.seconds(5))
        }
        #expect(bench.core.counters.brokenPromises == 6)
        #expect(bench.core.score.deeds(of: PubSubNetwork.node(1)).brokenPromises == 6)
        #expect(bench.score(1) < 0)
        #expect(bench.core.wants.isEmpty && bench.core.promises.isEmpty)
        #expect(!bench.effects.contains(.offended(PubSubNetwork.node(1))), "slow peers break promises too")
    }

    @Test func `a message is given to one peer three times, and an unknown one never`() {
        var bench = bench(peers: 2)
        let message = PubSubNetwork.message(Self.data(1), by: 0)
        bench.give(.publish(message))
        var given = 0
        for _ in 0..<10 {
            bench.hear(1) { $0.wanted = [message.id, message.id, Self.id(2)] }
            given += bench.said(1).flatMap(\.messages).count
        }
        #expect(given == 3)
        bench.hear(2) { $0.wanted = [message.id] }
        #expect(bench.said(2).flatMap(\.messages) == [message], "the others' share is their own")
    }

    @Test func `of an envelope ten refusals are read, and a thousand envelopes of them in a heartbeat`() throws {
        var bench = bench(peers: 1)
        var writer = ProtobufWriter()
        for _ in 0..<3 {
            writer.message(3) { control in
                for number in 0..<7 { control.message(5) { $0.bytes(1, Self.id(number).bytes) } }
            }
        }
        #expect(try Self.envelope(writer).unwanted.count == 10)
        let before = bench.core.counters.ignoredRefusals
        for round in 0..<1_200 {
            bench.hear(1) { $0.unwanted = (0..<10).map { Self.id(round * 10 + $0) } }
        }
        #expect(bench.core.counters.ignoredRefusals - before == 200)
        #expect(bench.core.peers[PubSubNetwork.node(1)]?.unwanted.count == limits.unwantedPerPeer)
        bench.wait(.seconds(5))
        #expect(bench.core.peers[PubSubNetwork.node(1)]?.unwanted.isEmpty == true)
    }

    @Test func `a graft for an unknown topic is ignored without an answer`() {
        var bench = bench(peers: 1)
        #expect(bench.hear(1) { $0.grafts = (0..<64).map { Topic("/nobody/\($0)") } }.isEmpty)
        #expect(bench.score(1) == 0 && bench.core.knownTopics == [Self.topic])
    }

    @Test func `a graft during its backoff is pruned and costs, and twice as much within ten seconds of the prune`() {
        func cost(after pause: TimeSpan) -> Int {
            var bench = bench(peers: 1)
            bench.hear(1) { $0.subscriptions = [.init(topic: Self.topic, isOn: true)] }
            bench.hear(1) { $0.prunes = [.init(topic: Self.topic, backoff: .seconds(60))] }
            bench.wait(pause)
            for _ in 0..<4 {
                bench.hear(1) { $0.grafts = [Self.topic] }
                #expect(bench.said(1).flatMap(\.prunes).map(\.topic) == [Self.topic])
                bench.now = bench.now + .milliseconds(1)
            }
            #expect(bench.core.mesh(of: Self.topic).isEmpty)
            return bench.core.score.parts(of: PubSubNetwork.node(1)).misbehaviour
        }
        // Three are free; each refusal begins the backoff anew, so that all after the first are hasty.
        #expect(cost(after: .seconds(1)) == -25_000)
        #expect(cost(after: .seconds(30)) == -16_000)
    }

    @Test func `of ten thousand peers offered with a prune none is dialled, kept or asked about`() throws {
        var bench = bench(peers: 1)
        var writer = ProtobufWriter()
        writer.message(3) { control in
            control.message(4) { prune in
                prune.string(1, Self.topic.name)
                for number in 0..<10_000 {
                    prune.message(2) { peer in
                        peer.bytes(1, PubSubNetwork.node(number).peerIDBytes)
                        peer.bytes(2, [UInt8](repeating: 1, count: 40))
                    }
                }
            }
        }
        let envelope = try Self.envelope(writer)
        let held = bench.core.heldCount
        bench.effects = []
        bench.give(.received(envelope, from: PubSubNetwork.node(1)))
        #expect(bench.core.counters.offeredPeers == 10_000)
        #expect(bench.core.heldCount == held + 1, "the backoff, and nothing else")
        #expect(bench.core.connected.count == 1)
    }

    @Test func `every map that peers fill has its cap while they stay and is empty once they are gone and forgotten`() {
        var bench = bench(peers: 0)
        for generation in 0..<60 {
            for place in 0..<100 {
                let peer = 1 + generation * 100 + place
                bench.join(peer)
                bench.hear(peer) { envelope in
                    envelope.subscriptions = [.init(topic: Self.topic, isOn: true)]
                    envelope.announced = [.init(topic: Self.topic, ids: (0..<200).map { Self.id(peer * 200 + $0) })]
                    envelope.unwanted = (0..<10).map { Self.id(peer * 10 + $0) }
                    envelope.grafts = [Self.topic]
                    envelope.messages = [PubSubNetwork.message(Self.data(peer << 8), by: 60_000)]
                    envelope.prunes = [.init(topic: Self.topic, backoff: .seconds(3_600))]
                }
            }
            let core = bench.core
            #expect(core.wants.count <= limits.wants && core.pending.count <= limits.pending)
            #expect(core.score.count <= limits.scores && core.promises.count <= limits.wants)
            #expect(core.topics[Self.topic]?.backoffs.count ?? 0 <= limits.backoffs)
            for place in 0..<100 { bench.give(.left(PubSubNetwork.node(1 + generation * 100 + place))) }
        }
        #expect(bench.core.peers.isEmpty && bench.core.mesh(of: Self.topic).isEmpty)
        for _ in 0..<3_700 {
            bench.now = bench.now + .seconds(1)
            bench.give(.timer)
        }
        #expect(bench.core.heldCount == 0)
    }
}
