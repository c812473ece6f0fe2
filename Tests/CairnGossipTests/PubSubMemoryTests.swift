import CairnBase
import Testing

@testable import CairnGossip

/// What is remembered, against slow models of it.
@Suite struct PubSubMemoryTests {
    private static func id(_ number: UInt64) -> MessageID {
        MessageID(
            PubSubNetwork.topic, (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) },
            using: PubSubNetwork.hash)
    }

    /// An id is known at least for the time promised, unless there was no room, and never longer than twice that.
    @Test func seenIDsAreKeptForAWhile() {
        var random = SeededRandom(seed: 1)
        var seen = SeenMessages(for: .seconds(10), capacity: 400, at: .origin)
        var model: [(id: UInt64, at: Instant)] = []
        var now = Instant.origin
        for step in 0..<4_000 as Range<UInt64> {
            now = now + .milliseconds(random.below(160))
            seen.advance(to: now)
            seen.insert(Self.id(step), at: now)
            model.append((step, now))
            let asked = model[Int(random.below(UInt64(model.count)))]
            let age = now.since(asked.at)
            if age < .seconds(10) { #expect(seen.contains(Self.id(asked.id)), "age \(age)") }
            if age > .seconds(21) { #expect(!seen.contains(Self.id(asked.id)), "age \(age)") }
            #expect(seen.count <= 400)
        }
        #expect(seen.crowdedOut == 0)
        for step in 0..<1_000 as Range<UInt64> { seen.insert(Self.id(10_000 + step), at: now) }
        #expect(seen.count <= 400 && seen.crowdedOut > 0)
    }

    @Test func theCacheKeepsWindowsAndBytes() {
        var random = SeededRandom(seed: 2)
        var cache = MessageCache(windows: 5, told: 3, byteLimit: 40_000)
        var model: [[GossipMessage]] = [[]]
        for step in 0..<2_000 {
            if random.below(8) == 0 {
                cache.shift()
                model.insert([], at: 0)
                model = Array(model.prefix(5))
            } else {
                let data =
                    [UInt8(step & 255), UInt8(step >> 8)] + [UInt8](repeating: 1, count: Int(random.below(3_000)))
                let message = PubSubNetwork.message(data, by: 1)
                cache.insert(message)
                model[0].append(message)
                while model.joined().reduce(0, { $0 + $1.encoded.count }) > 40_000 {
                    if let index = model.lastIndex(where: { !$0.isEmpty }) { model[index].removeFirst() }
                }
            }
            #expect(cache.count == model.joined().count)
            #expect(cache.byteCount == model.joined().reduce(0) { $0 + $1.encoded.count })
            #expect(cache.ids(of: PubSubNetwork.topic) == model.prefix(3).joined().map(\.id))
        }
    }

    /// Against the same rules in floating point.
    @Test func scoresFollowTheirRules() {
        struct Model {
            var mesh = 0.0, first = 0.0, invalid = 0.0, bad = 0.0
            var isMeshed = false
        }
        let settings = ScoreSettings()
        var random = SeededRandom(seed: 3)
        var score = PeerScore(settings, memory: .seconds(600), capacity: 64)
        var models = Array(repeating: Model(), count: 8)
        for index in 0..<8 { score.join(PubSubNetwork.node(index), from: nil) }
        for step in 0..<6_000 {
            let index = Int(random.below(8))
            let peer = PubSubNetwork.node(index)
            switch random.below(24) {
            case 0:
                score.sentInvalid(peer, .rejected)
                models[index].invalid += 1
            case 1:
                score.misbehaved(peer, .brokenPromise)
                models[index].bad += 1
            case 2:
                if models[index].isMeshed { score.prune(peer) } else { score.graft(peer) }
                models[index].isMeshed.toggle()
            case 3...12:
                score.delivered(peer)
                models[index].first += 1
            default:
                score.decay(after: .seconds(1), at: .origin + .seconds(UInt64(step)))
                for index in models.indices {
                    if models[index].isMeshed { models[index].mesh += 1 }
                    models[index].first *= 0.993
                    models[index].invalid *= 0.998
                    models[index].bad *= 0.99
                }
            }
            let model = models[index]
            let bad = max(model.bad - 3, 0)
            let expected =
                min(model.mesh * 0.01, 1) + min(model.first * 0.1, 10) - 4 * model.invalid * model.invalid - bad * bad
            let slack = 0.3 + abs(expected) * 0.02
            #expect(
                abs(Double(score.value(of: peer)) / 1_000 - expected) < slack, "\(score.parts(of: peer)) \(expected)")
        }
    }

    /// Nobody's figures run away, whatever they do.
    @Test func scoresNeverOverflow() {
        var settings = ScoreSettings()
        settings.invalid = -100
        var score = PeerScore(settings, memory: .seconds(600), capacity: 4)
        let peer = PubSubNetwork.node(1)
        score.join(peer, from: nil)
        for _ in 0..<2_000 {
            score.sentInvalid(peer, .rejected)
            score.misbehaved(peer, .earlyGraft(isHasty: true))
            score.delivered(peer)
        }
        score.regard(peer, .min)
        #expect(score.value(of: peer) < 0)
        for index in 0..<100 {
            score.join(PubSubNetwork.node(index), from: nil)
            score.leave(PubSubNetwork.node(index), at: .origin + .seconds(UInt64(index)))
        }
        #expect(score.count <= 4)
    }
}
