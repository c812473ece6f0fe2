public import CairnBase
public import CairnGossip

/// Publishing without faults, in the large: how soon a message is everywhere, beside the shortest way it could take, and
/// how many bytes that costs.
///
/// Real cores over links with delays drawn once and uplinks of a given width; a message takes a verification's time at
/// every node. There is no geography: links are random, with 10 to 50 ms each way. Everything follows from the seed.
public struct QuietMesh {
    public struct Setting: Sendable {
        public var nodes: Int
        public var bitsPerSecond: UInt64
        /// Whom each node dials.
        public var dialled = 16
        public var shape = TopicSettings()
        public var paces = PubSubSettings()
        public var seed: UInt64 = 1
        /// How long meshes have to form.
        public var warmUp = TimeSpan.seconds(12)
        /// Nodes that take part in everything and forward nothing.
        public var silent: Range<Int> = 0..<0
        /// Of a thousand envelopes, how many the connection has to send again, which takes 200 ms, then twice as long, and
        /// holds up what comes behind.
        public var lost: UInt64 = 0
        /// Of all nodes, how many are gone when the first message is published, unnoticed by their peers.
        public var dying = 0

        public init(nodes: Int, bitsPerSecond: UInt64) {
            self.nodes = nodes
            self.bitsPerSecond = bitsPerSecond
        }
    }

    public struct Outcome: Sendable {
        /// From publishing to the last part at a node, over all nodes and publications, sorted; nanoseconds.
        public var arrival: [UInt64] = []
        /// The same along the shortest way with nothing to wait for.
        public var shortest: [UInt64] = []
        public var expected = 0
        /// Bytes of all envelopes that arrived while it was measured, and copies of messages in them.
        public var bytes: UInt64 = 0
        public var copies: UInt64 = 0
        public var usefulBytes: UInt64 = 0
        public var usefulCopies: UInt64 = 0
        /// The longest way that any first copy took, in links.
        public var hops = 0
        public var simulated = TimeSpan.zero

        public init() {}

        public var bytesRatio: Double { Double(bytes) / Double(max(usefulBytes, 1)) }
        public var copiesRatio: Double { Double(copies) / Double(max(usefulCopies, 1)) }
    }

    private struct Link {
        let peer: Int
        let delay: UInt64
        /// When all that was sent over it has arrived.
        var free: UInt64 = 0
    }

    private enum Event {
        case arrives(GossipEnvelope, from: Int, at: Int)
        case judged(MessageID, at: Int)
        case timer(Int)
    }

    private static let topic = Topic("/cairn/test/1")
    private static let verification: UInt64 = 70_000

    private let setting: Setting
    private var random: SeededRandom
    private var cores: [PubSub] = []
    private var links: [[Link]] = []
    // ORDER: looked up by node only.
    private var places: [NodeID: Int] = [:]
    private var uplinkFree: [UInt64]
    private var queue = Scheduler<Event>()
    private var now = Instant.origin
    private var isMeasuring = false
    private var outcome = Outcome()
    // ORDER: looked up by message only.
    private var publications: [MessageID: Int] = [:]
    private var isDead: [Bool]
    /// Of each message, at every node that has it, how many links it came over.
    private var ways: [MessageID: [Int: Int]] = [:]  // ORDER: looked up by message and node only.
    /// Of each publication: when it began, and at every node how many parts are missing.
    private var begun: [(at: Instant, missing: [Int])] = []

    public init(_ setting: Setting) {
        self.setting = setting
        random = SeededRandom(seed: setting.seed)
        uplinkFree = Array(repeating: 0, count: setting.nodes)
        links = Array(repeating: [], count: setting.nodes)
        isDead = Array(repeating: false, count: setting.nodes)
        for index in 0..<setting.nodes {
            places[Self.node(index)] = index
            cores.append(
                PubSub(
                    as: Self.node(index), random: random.fork("core", UInt64(index)), settings: setting.paces,
                    at: .origin))
        }
        for index in 0..<setting.nodes { give(.subscribe(Self.topic, setting.shape), to: index) }
        for index in 0..<setting.nodes { connect(index) }
        for index in 0..<setting.nodes { give(.start, to: index) }
    }

    private static func node(_ index: Int) -> NodeID {
        NodeID(
            MixHash().digest(DomainTag("cn-sim/node"), (0..<8).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) }).raw
        )
    }

    private mutating func connect(_ index: Int) {
        var found = 0
        var tries = 0
        while found < min(setting.dialled, setting.nodes - 1), tries < 200 {
            tries += 1
            let other = Int(random.below(UInt64(setting.nodes)))
            guard other != index, !links[index].contains(where: { $0.peer == other }) else { continue }
            found += 1
            let delay = 10_000_000 + random.below(40_000_000)
            links[index].append(Link(peer: other, delay: delay))
            links[other].append(Link(peer: index, delay: delay))
            let time = TimeSpan(nanoseconds: 2 * delay)
            let there = PubSubPeer(.gossipsub12, isOutbound: true, roundTrip: time)
            let back = PubSubPeer(.gossipsub12, isOutbound: false, roundTrip: time)
            give(.joined(Self.node(other), there), to: index)
            give(.joined(Self.node(index), back), to: other)
        }
    }

    /// Publishes `count` messages of `parts` parts each, one every `pause`, each from another node.
    public mutating func run(count: Int, parts: Int, partBytes: Int, every pause: TimeSpan) -> Outcome {
        advance(to: now + setting.warmUp)
        isMeasuring = true
        while isDead.count(where: \.self) < setting.dying { isDead[Int(random.below(UInt64(setting.nodes)))] = true }
        for number in 0..<count {
            publish(number, parts, partBytes)
            advance(to: now + pause)
        }
        advance(to: now + .seconds(2))
        outcome.arrival.sort()
        outcome.shortest.sort()
        outcome.simulated = now.since(.origin)
        return outcome
    }

    private mutating func publish(_ number: Int, _ parts: Int, _ partBytes: Int) {
        var author = Int(random.below(UInt64(setting.nodes)))
        while setting.silent.contains(author) || isDead[author] { author = Int(random.below(UInt64(setting.nodes))) }
        begun.append((now, Array(repeating: parts, count: setting.nodes)))
        begun[begun.count - 1].missing[author] = 0
        // Whom no way leads to cannot be reached.
        let ways = shortestWays(from: author).enumerated().filter {
            $0.offset != author && !setting.silent.contains($0.offset) && $0.element != .max
        }
        outcome.expected += ways.count
        outcome.usefulCopies += UInt64(ways.count * parts)
        outcome.usefulBytes += UInt64(ways.count * parts * partBytes)
        outcome.shortest += ways.map(\.element)
        for part in 0..<parts {
            var data = [UInt8](repeating: 0x5a, count: partBytes)
            for place in 0..<8 { data[place] = UInt8(truncatingIfNeeded: (number << 16 | part) >> (8 * place)) }
            let message = GossipMessage(
                Self.topic, data, by: Self.node(author), sequence: UInt64(number << 16 | part), using: PubSubWorld.hash
            ) { _ in Signature(r: .zero, s: .zero) }
            publications[message.id] = begun.count - 1
            self.ways[message.id] = [author: 0]
            give(.publish(message), to: author)
        }
    }

    /// By delays alone, with a verification at every node on the way.
    private func shortestWays(from author: Int) -> [UInt64] {
        var best = Array(repeating: UInt64.max, count: setting.nodes)
        var frontier = Scheduler<Int>()
        best[author] = 0
        frontier.schedule(author, at: .origin)
        while let (at, node) = frontier.next(notAfter: .distantFuture) {
            guard at.nanoseconds == best[node] else { continue }
            for link in links[node]
            where !isDead[link.peer] && at.nanoseconds + link.delay + Self.verification < best[link.peer] {
                best[link.peer] = at.nanoseconds + link.delay + Self.verification
                frontier.schedule(link.peer, at: Instant(nanoseconds: best[link.peer]))
            }
        }
        return best
    }

    private mutating func advance(to end: Instant) {
        while let (at, event) = queue.next(notAfter: end) {
            now = at
            switch event {
            case .arrives(let envelope, let from, let index):
                guard !isDead[index] else { continue }
                note(envelope, from: from, at: index)
                if isMeasuring {
                    outcome.bytes += UInt64(envelope.byteCount)
                    outcome.copies += UInt64(envelope.messages.count)
                }
                give(.received(envelope, from: Self.node(from)), to: index)
            case .judged(let id, let index):
                guard !isDead[index] else { continue }
                arrived(id, at: index)
                give(.judged(id, setting.silent.contains(index) ? .ignore : .accept), to: index)
            case .timer(let index): if !isDead[index] { give(.timer, to: index) }
            }
        }
        now = end
    }

    /// The first copy of a message came one link further than its sender's.
    private mutating func note(_ envelope: GossipEnvelope, from: Int, at index: Int) {
        for message in envelope.messages {
            guard let way = ways[message.id]?[from], ways[message.id]?[index] == nil else { continue }
            ways[message.id]?[index] = way + 1
            outcome.hops = max(outcome.hops, way + 1)
        }
    }

    private mutating func arrived(_ id: MessageID, at index: Int) {
        guard let number = publications[id], !setting.silent.contains(index) else { return }
        begun[number].missing[index] -= 1
        if begun[number].missing[index] == 0 { outcome.arrival.append(now.since(begun[number].at).nanoseconds) }
    }

    private mutating func give(_ input: PubSubInput, to index: Int) {
        var effects: [PubSubEffect] = []
        cores[index].handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let envelope, let node): send(envelope, from: index, to: node)
            case .judge(let message, _):
                queue.schedule(.judged(message.id, at: index), at: now + TimeSpan(nanoseconds: Self.verification))
            case .offended: break
            case .setTimer(let at): queue.schedule(.timer(index), at: at)
            }
        }
    }

    /// One after the other over the uplink, then over the link.
    private mutating func send(_ envelope: GossipEnvelope, from index: Int, to node: NodeID) {
        guard let to = places[node], let slot = links[index].firstIndex(where: { $0.peer == to }) else { return }
        let start = max(uplinkFree[index], now.nanoseconds)
        uplinkFree[index] = start + UInt64(envelope.byteCount) * 8_000_000_000 / setting.bitsPerSecond
        var arrival = uplinkFree[index] + links[index][slot].delay
        var pause: UInt64 = 200_000_000
        while setting.lost > 0, random.below(1_000) < setting.lost {
            arrival += pause
            pause *= 2
        }
        arrival = max(arrival, links[index][slot].free)
        links[index][slot].free = arrival
        queue.schedule(.arrives(envelope, from: index, at: to), at: Instant(nanoseconds: arrival))
    }
}
