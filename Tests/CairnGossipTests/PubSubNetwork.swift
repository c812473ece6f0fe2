import CairnBase
import CairnCrypto

@testable import CairnGossip

/// Pub/sub cores joined by links with fixed delays. What a core wants judged is judged by the test's rule after a delay.
struct PubSubNetwork {
    enum Event {
        case envelope([UInt8], from: Int, to: Int)
        case judged(MessageID, MessageJudgement, at: Int)
        case timer(Int)
    }

    private struct Moment: Comparable {
        let at: Instant
        let order: UInt64
        static func < (left: Moment, right: Moment) -> Bool { (left.at, left.order) < (right.at, right.order) }
    }

    static let topic = Topic("/cairn/test/1")
    static let hash: ContentHash = { SHA256.digest($0) }

    var now = Instant.origin
    var random: SeededRandom
    var nodes: [PubSub] = []
    var judge: (Int, GossipMessage) -> MessageJudgement = { _, _ in .accept }
    /// How often each node was asked to judge each message, and when it first was.
    var judged: [[MessageID: (count: Int, first: Instant)]] = []
    /// Whom each node would ban.
    var offended: [OrderedSet<NodeID>] = []
    var receivedMessages = 0
    var sentBytes = 0
    private var places: [NodeID: Int] = [:]
    private var delays: [Int: TimeSpan] = [:]
    private var queue = OrderedMap<Moment, Event>()
    private var order: UInt64 = 0
    private var sequence: UInt64 = 0

    static func node(_ index: Int) -> NodeID {
        var bytes = [UInt8](repeating: 7, count: 32)
        (bytes[0], bytes[1]) = (UInt8(index & 255), UInt8(index >> 8))
        return NodeID(Bytes32(bytes) ?? .zero)
    }

    init(
        count: Int, seed: UInt64, settings: PubSubSettings = PubSubSettings(), shape: TopicSettings = TopicSettings()
    ) {
        random = SeededRandom(seed: seed)
        judged = Array(repeating: [:], count: count)
        offended = Array(repeating: [], count: count)
        for index in 0..<count {
            nodes.append(
                PubSub(
                    as: Self.node(index), random: SeededRandom(seed: seed &* 7_919 &+ UInt64(index)),
                    settings: settings, at: .origin))
            places[Self.node(index)] = index
            input(.subscribe(Self.topic, shape), to: index)
            input(.start, to: index)
        }
    }

    mutating func link(_ dialer: Int, _ listener: Int, delay: TimeSpan, _ version: PubSubPeer.Version = .gossipsub12) {
        delays[dialer * nodes.count + listener] = delay
        delays[listener * nodes.count + dialer] = delay
        for (one, other, outbound) in [(dialer, listener, true), (listener, dialer, false)] {
            let traits = PubSubPeer(version, isOutbound: outbound, isOfOurs: true, roundTrip: delay * 2)
            input(.joined(Self.node(other), traits), to: one)
        }
    }

    /// Every node dials some others.
    mutating func linkAtRandom(each: Int) {
        for index in nodes.indices {
            for _ in 0..<each {
                let other = Int(random.below(UInt64(nodes.count)))
                guard other != index, delays[index * nodes.count + other] == nil else { continue }
                link(index, other, delay: .milliseconds(10 + random.below(40)))
            }
        }
    }

    mutating func input(_ input: PubSubInput, to index: Int) {
        var effects: [PubSubEffect] = []
        nodes[index].handle(input, at: now, into: &effects)
        for effect in effects { carryOut(effect, of: index) }
    }

    private mutating func carryOut(_ effect: PubSubEffect, of index: Int) {
        switch effect {
        case .send(let envelope, let peer):
            guard let to = places[peer], let delay = delays[index * nodes.count + to] else { return }
            let bytes = envelope.encoded
            sentBytes += bytes.count
            schedule(now + delay, .envelope(bytes, from: index, to: to))
        case .judge(let message, _):
            judged[index][message.id, default: (0, now)].count += 1
            schedule(now + .milliseconds(1), .judged(message.id, judge(index, message), at: index))
        case .offended(let peer): offended[index].insert(peer)
        case .setTimer(let instant): schedule(instant, .timer(index))
        }
    }

    private mutating func schedule(_ at: Instant, _ event: Event) {
        order += 1
        queue[Moment(at: at, order: order)] = event
    }

    mutating func run(_ span: TimeSpan) {
        let end = now + span
        while let first = queue.first, first.key.at <= end {
            _ = queue.popFirst()
            now = max(now, first.key.at)
            switch first.value {
            case .envelope(let bytes, let from, let to):
                guard let envelope = try? GossipEnvelope(bytes.span.bytes, limits: .init(), using: Self.hash) else {
                    input(.unreadable(from: Self.node(from)), to: to)
                    continue
                }
                receivedMessages += envelope.messages.count
                input(.received(envelope, from: Self.node(from)), to: to)
            case .judged(let id, let judgement, let index): input(.judged(id, judgement), to: index)
            case .timer(let index): input(.timer, to: index)
            }
        }
        now = end
    }

    mutating func message(by author: Int, bytes: Int = 256, signed byte: UInt8 = 1) -> GossipMessage {
        sequence += 1
        var data = [UInt8](repeating: 0, count: bytes)
        for index in 0..<8 { data[index] = UInt8(truncatingIfNeeded: sequence >> UInt64(8 * index)) }
        return Self.message(data, by: author, sequence: sequence, signed: byte)
    }

    static func message(
        _ data: [UInt8], by author: Int, sequence: UInt64 = 1, signed byte: UInt8 = 1, topic: Topic = topic
    ) -> GossipMessage {
        GossipMessage(topic, data, by: node(author), sequence: sequence, using: hash) { _ in
            Signature(r: Bytes32([UInt8](repeating: byte, count: 32)) ?? .zero, s: .zero)
        }
    }

    /// Publishes and returns the id.
    mutating func publish(by author: Int, bytes: Int = 256) -> MessageID {
        let message = message(by: author, bytes: bytes)
        judged[author][message.id] = (1, now)
        input(.publish(message), to: author)
        return message.id
    }
}
