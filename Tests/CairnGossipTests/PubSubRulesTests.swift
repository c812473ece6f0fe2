import CairnBase
import Testing

@testable import CairnGossip

/// One core and peers that break the rules, one rule at a time.
@Suite struct PubSubRulesTests {
    private static let topic = PubSubNetwork.topic
    private let limits = Limits.Gossip()

    private typealias Bench = PubSubBench

    private static func data(_ number: Int, count: Int = 16) -> [UInt8] {
        [UInt8(number & 255), UInt8(number >> 8)] + [UInt8](repeating: 9, count: count - 2)
    }

    @Test func graftsAreTakenRefusedAndPunished() {
        var bench = Bench(peers: 16)
        for peer in 1...16 { bench.hear(peer) { $0.subscriptions = [.init(topic: Self.topic, isOn: true)] } }
        #expect(bench.core.mesh(of: Self.topic).count == 2, "a beginning is made at once")
        bench.wait(.seconds(2))
        #expect(bench.core.mesh(of: Self.topic).count == 6, "the heartbeat brings it to its degree")
        for peer in 1...16 { bench.hear(peer) { $0.grafts = [Self.topic] } }
        #expect(bench.core.mesh(of: Self.topic).count == 12, "never beyond the upper bound by somebody else's wish")
        let refused = (1...16).first { !bench.core.mesh(of: Self.topic).contains(PubSubNetwork.node($0)) }
        guard let refused else { return #expect(Bool(false), "somebody was refused") }
        // Early: refused again, and it costs, twice as much right after the prune.
        bench.hear(refused) { $0.grafts = [Self.topic] }
        #expect(bench.said(refused).contains { !$0.prunes.isEmpty })
        #expect(bench.core.counters.earlyGrafts == 1)
        for _ in 0..<4 { bench.hear(refused) { $0.grafts = [Self.topic] } }
        #expect(bench.score(refused) < bench.core.settings.score.gossipThreshold)
        // What we do not know gets no answer.
        #expect(bench.hear(1) { $0.grafts = [Topic("nobody's")] }.isEmpty)
        bench.wait(.seconds(120))
        bench.hear(1) { $0.prunes = [.init(topic: Self.topic, backoff: .zero)] }
        #expect(!bench.core.mesh(of: Self.topic).contains(PubSubNetwork.node(1)))
    }

    /// A backoff of for ever is an hour, and the clock near its end does not trap.
    @Test func backoffsAreClamped() {
        var bench = Bench(peers: 1)
        bench.hear(1) { $0.prunes = [.init(topic: Self.topic, backoff: TimeSpan(nanoseconds: .max))] }
        let backoff = bench.core.topics[Self.topic]?.backoffs[PubSubNetwork.node(1)]
        #expect(backoff?.until == bench.now + .seconds(3_601))
        bench.now = Instant(nanoseconds: .max - 5)
        bench.hear(1) { $0.prunes = [.init(topic: Self.topic, backoff: .seconds(60))] }
        bench.give(.timer)
        bench.give(.timer)
    }

    @Test func announcementsAreBoundedAndPromisesKept() {
        var bench = Bench(peers: 2)
        let ids = (0..<6_000).map { MessageID(Self.topic, Self.data($0), using: PubSubNetwork.hash) }
        bench.hear(1) { $0.announced = [.init(topic: Self.topic, ids: ids)] }
        #expect(bench.core.wants.count == limits.announcedPerMessage)
        for _ in 0..<20 { bench.hear(2) { $0.announced = [.init(topic: Self.topic, ids: [ids[5_999]])] } }
        #expect(bench.core.counters.ignoredAnnouncements == 10)
        bench.effects = []
        bench.wait(.milliseconds(150))
        #expect(bench.said(1).flatMap(\.wanted).count == limits.announcedPerMessage)
        // None of it comes: a broken promise, counted once per heartbeat, and nothing is waited for any more.
        bench.wait(.seconds(8))
        #expect(bench.core.counters.brokenPromises >= 1)
        #expect(bench.core.wants.isEmpty && bench.core.promises.isEmpty)
    }

    @Test func requestsAreServedAFewTimes() {
        var bench = Bench(peers: 2)
        let message = PubSubNetwork.message(Self.data(1), by: 0)
        bench.give(.publish(message))
        let other = MessageID(Self.topic, Self.data(2), using: PubSubNetwork.hash)
        for _ in 0..<5 { bench.hear(1) { $0.wanted = [message.id, other] } }
        #expect(bench.core.counters.served == 3)
        #expect(bench.core.counters.ignoredRequests == 7)
        #expect(bench.hear(2) { $0.wanted = [message.id] }.count == 1)
        bench.wait(.seconds(7))
        #expect(bench.hear(2) { $0.wanted = [message.id] }.isEmpty, "the cache has moved on")
    }

    @Test func refusalsAreBounded() {
        var bench = Bench(peers: 1)
        for number in 0..<1_500 {
            let id = MessageID(Self.topic, Self.data(number), using: PubSubNetwork.hash)
            bench.hear(1) { $0.unwanted = [id] }
        }
        #expect(bench.core.counters.ignoredRefusals == 500)
        bench.wait(.seconds(5))
        #expect(bench.core.peers[PubSubNetwork.node(1)]?.unwanted.isEmpty == true)
    }

    /// Sending a message first under a bad signature suppresses nothing.
    @Test func aForgedCopyDoesNotHideTheGoodOne() {
        var bench = Bench(peers: 3)
        let forged = PubSubNetwork.message(Self.data(1), by: 8, signed: 1)
        let good = PubSubNetwork.message(Self.data(1), by: 9, signed: 2)
        #expect(bench.hear(1) { $0.messages = [forged] } == [.judge(forged, from: PubSubNetwork.node(1))])
        #expect(bench.hear(2) { $0.messages = [good] }.isEmpty, "it waits for the first")
        bench.effects = []
        bench.give(.judged(forged.id, .forged))
        #expect(bench.effects == [.judge(good, from: PubSubNetwork.node(2))])
        bench.give(.judged(good.id, .accept))
        #expect(bench.core.counters.accepted == 1 && bench.core.counters.forged == 1)
        #expect(bench.score(1) < 0 && bench.score(2) > 0)
        // And once more after all is decided.
        #expect(bench.hear(3) { $0.messages = [forged] }.isEmpty)
        #expect(bench.core.counters.duplicates == 2)
    }

    @Test func offendersAreHeardLess() {
        var bench = Bench(peers: 2)
        for number in 0..<5 {
            let message = PubSubNetwork.message(Self.data(number), by: 9)
            bench.hear(1) { $0.messages = [message] }
            bench.give(.judged(message.id, .reject))
        }
        #expect(bench.score(1) < bench.core.settings.score.graylistThreshold)
        let next = PubSubNetwork.message(Self.data(77), by: 9)
        #expect(bench.hear(1) { $0.messages = [next] }.isEmpty)
        #expect(bench.core.counters.graylisted == 1)
        // Reconnecting forgives nothing.
        bench.give(.left(PubSubNetwork.node(1)))
        bench.join(1)
        #expect(bench.score(1) < bench.core.settings.score.graylistThreshold)
        bench.wait(.seconds(3_600))
        #expect(bench.score(1) > bench.core.settings.score.gossipThreshold, "it fades")
    }

    @Test func subscriptionsToNobodysTopicsAreNotKept() {
        var bench = Bench(peers: 1)
        for start in stride(from: 0, to: 10_000, by: 64) {
            bench.hear(1) { envelope in
                envelope.subscriptions = (start..<(start + 64)).map { .init(topic: Topic("t\($0)"), isOn: true) }
            }
        }
        #expect(bench.core.subscribers(of: Self.topic) == 0)
    }

    /// What a peer made us hold goes when it goes, but for its score, which is bounded and fades.
    @Test func everythingDiesWithThePeer() {
        var bench = Bench(peers: 40)
        var random = SeededRandom(seed: 3)
        for round in 0..<400 {
            bench.hear(1 + Int(random.below(40))) { envelope in
                let id = MessageID(Self.topic, Self.data(round), using: PubSubNetwork.hash)
                envelope.subscriptions = [.init(topic: Self.topic, isOn: Bool.random(using: &random))]
                envelope.announced = [.init(topic: Self.topic, ids: [id])]
                envelope.unwanted = [id]
                if Bool.random(using: &random) { envelope.grafts = [Self.topic] }
                if Bool.random(using: &random) { envelope.messages = [PubSubNetwork.message(Self.data(round), by: 99)] }
            }
        }
        for index in 1...40 { bench.give(.left(PubSubNetwork.node(index))) }
        bench.wait(.seconds(80))
        #expect(bench.core.heldCount == bench.core.score.count)
        bench.wait(.seconds(540))
        #expect(bench.core.heldCount == 0)
    }

    @Test func crowdsFromOneSubnetAreWorthLess() throws {
        var bench = Bench(peers: 0)
        let crowded = try #require(Endpoint("203.0.113.7:1"))
        let local = try #require(Endpoint("127.0.0.1:1"))
        for index in 1...12 { bench.join(index, from: crowded) }
        for index in 21...32 { bench.join(index, from: local) }
        #expect(bench.score(1) == -5 * 4 * 4 * 1_000)
        #expect(bench.score(21) == 0)
        for index in 2...12 { bench.give(.left(PubSubNetwork.node(index))) }
        #expect(bench.score(1) == 0, "whoever stays alone is no crowd, whatever came and went beside it")
        for index in 2...12 { bench.join(index, from: crowded) }
        #expect(bench.score(1) == -5 * 4 * 4 * 1_000)
    }

    /// Else the meshes of a region would have no link out of it in the end.
    @Test func `nearer peers never take the place of the last one that is far`() {
        var bench = Bench(peers: 0)
        func join(_ index: Int, _ milliseconds: UInt64) {
            let traits = PubSubPeer(.gossipsub12, isOutbound: true, roundTrip: .milliseconds(milliseconds))
            bench.give(.joined(PubSubNetwork.node(index), traits))
            bench.hear(index) { $0.subscriptions = [.init(topic: Self.topic, isOn: true)] }
        }
        join(1, 400)
        for index in 2...6 { join(index, 100) }
        bench.wait(.seconds(2))
        #expect(bench.core.mesh(of: Self.topic).count == 6)
        for index in 7...20 { join(index, 10) }
        bench.wait(.seconds(120))
        let mesh = Set(bench.core.mesh(of: Self.topic))
        let near = (7...20).count { mesh.contains(PubSubNetwork.node($0)) }
        #expect(mesh.contains(PubSubNetwork.node(1)))
        #expect(near >= 6)
    }
}
