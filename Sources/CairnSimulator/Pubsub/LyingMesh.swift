public import CairnBase
import CairnGossip
import CairnWire

/// Publishing while a third of the peers lie, all in one way: what still arrives among the others, and what the liars' points
/// say of them. Real cores and the lies of the `pubsub` protocol, over links with delays drawn once and no faults beside.
public struct LyingMesh {
    public struct Outcome: Sendable, Equatable {
        /// Publications of honest nodes, times the other honest nodes.
        public var expected = 0
        public var delivered = 0
        /// Pairs of an honest node and a liar it is connected with, and those where it holds the liar for an offender.
        public var watchedLiars = 0
        public var blamedLiars = 0
        /// Pairs of honest nodes that are connected, and those of which one holds the other for an offender.
        public var watchedHonest = 0
        public var blamedHonest = 0
        /// The same pairs where the one would ban the other.
        public var bannedLiars = 0
        public var bannedHonest = 0
        /// The most things that an honest node ever held.
        public var held = 0
    }

    private enum Event {
        case arrives([UInt8], from: Int, at: Int)
        case judged(GossipMessage, at: Int)
        case timer(Int)
    }

    private static let verification = TimeSpan.microseconds(70)
    private static let settling = TimeSpan.seconds(15)

    private let world: PubSubWorld
    private var lies: [PubSubLie?]
    private var cores: [PubSub] = []
    private var delays: [[UInt64]]
    private var random: SeededRandom
    private var queue = Scheduler<Event>()
    private var now = Instant.origin
    private var published: UInt64 = 0
    // ORDER: asked for membership only.
    private var seen: [Set<Publication>]
    /// Those whom each node would ban. Here they stay, so that everything they could do is seen.
    private var offenders: [OrderedSet<NodeID>]
    private var outcome = Outcome()

    /// The names of the ways to lie.
    public static var lies: [String] { PubSubLie.Kind.allCases.map(\.rawValue) }

    /// Whether a lie breaks a rule that points are taken for. The others keep to themselves what they should pass on, which is
    /// not told from being far away, or ask for what a mesh of this size has room for.
    public static func isPunished(_ lie: String) -> Bool {
        [PubSubLie.Kind.announcer, .forger, .garbler].contains { $0.rawValue == lie }
    }

    /// Whether a lie is one that only its author can have told: it ends in a ban.
    public static func isProven(_ lie: String) -> Bool {
        [PubSubLie.Kind.forger, .garbler].contains { $0.rawValue == lie }
    }

    /// Nil if there is no such lie.
    public init?(_ lie: String, nodes: Int, liars: Int, seed: UInt64) {
        guard let kind = PubSubLie.Kind(rawValue: lie) else { return nil }
        var random = SeededRandom(seed: seed)
        let all = Array(0..<nodes).shuffled(using: &random)
        var kinds: OrderedMap<Int, PubSubLie.Kind> = [:]
        for index in all.prefix(liars) { kinds[index] = kind }
        world = PubSubWorld(cluster: Cluster(servers: nodes, clients: 0), random: random.fork("mesh"), liars: kinds)
        lies = (0..<nodes).map { kinds[$0].map { PubSubLie($0, random: random.fork("lie")) } }
        seen = Array(repeating: [], count: nodes)
        offenders = Array(repeating: [], count: nodes)
        delays = Array(repeating: Array(repeating: 0, count: nodes), count: nodes)
        self.random = random
        for index in 0..<nodes {
            cores.append(PubSub(as: world.nodes[index], random: random.fork("core", UInt64(index)), at: .origin))
        }
        for index in 0..<nodes { give(.subscribe(PubSubWorld.topic, TopicSettings()), to: index) }
        for index in 0..<nodes { connect(index) }
        for index in 0..<nodes { give(.start, to: index) }
    }

    private mutating func connect(_ index: Int) {
        for other in world.dialled[index].map(\.index) where world.dials(ProcessID(index), ProcessID(other)) {
            let delay = random.span(.milliseconds(10), .milliseconds(50))
            (delays[index][other], delays[other][index]) = (delay.nanoseconds, delay.nanoseconds)
            func traits(isOutbound: Bool) -> PubSubPeer {
                PubSubPeer(.gossipsub12, isOutbound: isOutbound, isOfOurs: true, roundTrip: delay * 2)
            }
            give(.joined(world.nodes[other], traits(isOutbound: true)), to: index)
            give(.joined(world.nodes[index], traits(isOutbound: false)), to: other)
        }
    }

    /// Lets an honest node publish every half second for so long.
    public mutating func run(for span: TimeSpan) -> Outcome {
        advance(to: now + Self.settling)
        let end = now + span
        while now < end {
            publish()
            advance(to: now + .milliseconds(500))
            outcome.held = max(outcome.held, held)
        }
        advance(to: now + .seconds(8))
        judgePeers()
        return outcome
    }

    private var honest: [Int] { cores.indices.filter { !world.isLiar(ProcessID($0)) } }
    private var held: Int { honest.reduce(0) { max($0, cores[$1].heldCount) } }

    private mutating func publish() {
        let honest = honest
        let author = honest[Int(random.below(UInt64(honest.count)))]
        published += 1
        let filling = published.isMultiple(of: 8) ? 12 << 10 : 256
        let publication = Publication(author: author, incarnation: 0, number: published, filling: filling)
        outcome.expected += honest.count - 1
        seen[author].insert(publication)
        give(.publish(world.message(publication, by: author)), to: author)
    }

    private mutating func judgePeers() {
        for index in honest {
            for node in cores[index].connected {
                guard let peer = world.places[node] else { continue }
                let isBlamed = cores[index].score.value(of: node) < 0
                let isBanned = offenders[index].contains(node)
                if world.isLiar(peer) {
                    outcome.watchedLiars += 1
                    if isBlamed { outcome.blamedLiars += 1 }
                    if isBanned { outcome.bannedLiars += 1 }
                } else {
                    outcome.watchedHonest += 1
                    if isBlamed { outcome.blamedHonest += 1 }
                    if isBanned { outcome.bannedHonest += 1 }
                }
            }
        }
    }

    private mutating func advance(to end: Instant) {
        while let (at, event) = queue.next(notAfter: end) {
            now = at
            switch event {
            case .arrives(let frame, let from, let index): receive(frame, from: from, at: index)
            case .judged(let message, let index):
                give(.judged(message.id, judgement(of: message, at: index)), to: index)
            case .timer(let index): give(.timer, to: index)
            }
        }
        now = end
    }

    private mutating func receive(_ frame: [UInt8], from: Int, at index: Int) {
        guard let envelope = try? GossipEnvelope(frame.span.bytes, limits: .init(), using: PubSubWorld.hash) else {
            return give(.unreadable(from: world.nodes[from]), to: index)
        }
        lies[index]?.overhear(envelope)
        give(.received(envelope, from: world.nodes[from]), to: index)
    }

    private mutating func judgement(of message: GossipMessage, at index: Int) -> MessageJudgement {
        guard world.isSigned(message) else { return .forged }
        guard let publication = world.publication(in: message) else { return .reject }
        guard seen[index].insert(publication).inserted else { return .ignore }
        let isHonest = !world.isLiar(ProcessID(index)) && !world.isLiar(ProcessID(publication.author))
        if isHonest { outcome.delivered += 1 }
        return .accept
    }

    private mutating func give(_ input: PubSubInput, to index: Int) {
        var effects: [PubSubEffect] = []
        cores[index].handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let envelope, let node):
                guard let peer = world.places[node]?.index else { continue }
                let frames =
                    lies[index]?.speak(envelope, in: world, as: ProcessID(index), at: now) ?? [envelope.encoded]
                for frame in frames {
                    let arrival = now + TimeSpan(nanoseconds: delays[index][peer])
                    queue.schedule(.arrives(frame, from: index, at: peer), at: arrival)
                }
            case .judge(let message, _): queue.schedule(.judged(message, at: index), at: now + Self.verification)
            case .offended(let node): offenders[index].insert(node)
            case .setTimer(let at): queue.schedule(.timer(index), at: at)
            }
        }
    }
}
