import CairnBase
import CairnGossip
import CairnWire

/// A pub/sub node under test: its core over simulated connections, an application that publishes and judges, and perhaps a
/// lie in between.
public struct PubSubProcess: SimulatedProcess {
    public typealias Message = PubSubTraffic
    public enum Observation: Sendable {
        case published(Int, UInt32, UInt64)
        case delivered(Int, UInt32, UInt64)
        /// This process would ban the other.
        case offended(ProcessID)
    }

    private enum Timer: TimerID {
        case core, wire, publish, judge, dial
    }

    let world: PubSubWorld
    let id: ProcessID
    let incarnation: UInt32
    private(set) var core: PubSub
    private var links: PubSubLinks
    private var lie: PubSubLie?
    private var random: SeededRandom
    private let bug: PubSubBug?
    private var number: UInt64 = 0
    // ORDER: asked for membership only.
    private var delivered: Set<Publication> = []
    /// Messages the application has taken in and not answered yet.
    private var judging: [(due: Instant, message: GossipMessage)] = []

    init(world: PubSubWorld, setup: ProcessSetup, bug: PubSubBug?) {
        self.world = world
        self.bug = bug
        id = setup.id
        incarnation = setup.incarnation
        random = setup.random.fork("application")
        links = PubSubLinks(random: setup.random.fork("links"))
        lie = world.liars[setup.id.index].map { PubSubLie($0, random: setup.random.fork("lie")) }
        core = PubSub(as: world.nodes[setup.id.index], random: setup.random.fork("core"), at: .origin)
    }

    public mutating func handle(_ event: Event, at clock: ClockReading, into effects: inout [Effect]) {
        let now = clock.monotonic
        var events: [PubSubLinks.Event] = []
        switch event {
        case .started: start(at: now, &effects)
        case .message(let from, let traffic): links.receive(traffic.segment, from: from, at: now, into: &events)
        case .timer(Timer.core.rawValue): give(.timer, now, &effects)
        case .timer(Timer.publish.rawValue): publish(at: now, &effects)
        case .timer(Timer.judge.rawValue): judge(at: now, &effects)
        case .timer(Timer.dial.rawValue): dial(at: now, into: &events, &effects)
        case .timer, .disk: break
        }
        repeat {
            let told = events
            events = []
            for event in told { react(to: event, now, &effects) }
            let (segments, wake) = links.flush(at: now, into: &events)
            for (peer, segment) in segments { effects.append(.send(to: peer, PubSubTraffic(segment: segment))) }
            if let wake { effects.append(.setTimer(Timer.wire.rawValue, at: wake)) }
        } while !events.isEmpty
    }

    private mutating func start(at now: Instant, _ effects: inout [Effect]) {
        var settings = PubSubSettings()
        if bug == .forgetful { settings.limits.seen = 2 }
        core = PubSub(as: world.nodes[id.index], random: random.fork("core"), settings: settings, at: now)
        give(.subscribe(PubSubWorld.topic, TopicSettings()), now, &effects)
        give(.start, now, &effects)
        effects.append(.setTimer(Timer.dial.rawValue, at: now))
        effects.append(.setTimer(Timer.publish.rawValue, at: now + random.span(.zero, .seconds(2))))
    }

    private mutating func dial(at now: Instant, into events: inout [PubSubLinks.Event], _ effects: inout [Effect]) {
        for peer in world.dialled[id.index] where world.dials(id, peer) && !links.isUp(peer) {
            links.dial(peer, at: now, into: &events)
        }
        effects.append(.setTimer(Timer.dial.rawValue, at: now + .milliseconds(500)))
    }

    private mutating func react(to event: PubSubLinks.Event, _ now: Instant, _ effects: inout [Effect]) {
        switch event {
        case .up(let peer, let isDialer):
            let traits = PubSubPeer(.gossipsub12, isOutbound: isDialer, isOfOurs: true)
            give(.joined(world.nodes[peer.index], traits), now, &effects)
        case .down(let peer): give(.left(world.nodes[peer.index]), now, &effects)
        case .frame(let peer, let bytes):
            let node = world.nodes[peer.index]
            guard let envelope = try? GossipEnvelope(bytes.span.bytes, limits: .init(), using: PubSubWorld.hash) else {
                return give(.unreadable(from: node), now, &effects)
            }
            effects.append(.note("pubsub.copies", UInt64(envelope.messages.count)))
            lie?.overhear(envelope)
            give(.received(envelope, from: node), now, &effects)
        }
    }

    private mutating func give(_ input: PubSubInput, _ now: Instant, _ effects: inout [Effect]) {
        var wanted: [PubSubEffect] = []
        core.handle(input, at: now, into: &wanted)
        for effect in wanted {
            switch effect {
            case .send(let envelope, let node): speak(envelope, to: node, now)
            case .judge(let message, _):
                // An application takes its time, and others' copies come meanwhile.
                let due = now + random.span(.zero, .milliseconds(20))
                judging.append((due, message))
                effects.append(.setTimer(Timer.judge.rawValue, at: due))
            case .offended(let node): if let peer = world.places[node] { effects.append(.observe(.offended(peer))) }
            case .setTimer(let at): effects.append(.setTimer(Timer.core.rawValue, at: at))
            }
        }
    }

    private mutating func speak(_ envelope: GossipEnvelope, to node: NodeID, _ now: Instant) {
        guard let peer = world.places[node] else { return }
        let (world, id) = (world, id)
        let frames = lie?.speak(envelope, in: world, as: id, at: now) ?? [envelope.encoded]
        for frame in frames { links.send(frame, to: peer) }
    }

    private mutating func publish(at now: Instant, _ effects: inout [Effect]) {
        number += 1
        let filling = random.below(8) == 0 ? 12 << 10 : Int(random.below(400))
        let publication = Publication(author: id.index, incarnation: incarnation, number: number, filling: filling)
        delivered.insert(publication)
        effects.append(.observe(.published(id.index, incarnation, number)))
        give(.publish(world.message(publication, by: id.index)), now, &effects)
        let pause = random.span(.milliseconds(400), .seconds(2))
        effects.append(.setTimer(Timer.publish.rawValue, at: now + pause))
    }

    private mutating func judge(at now: Instant, _ effects: inout [Effect]) {
        let due = judging.filter { $0.due <= now }
        judging.removeAll { $0.due <= now }
        for (_, message) in due { give(.judged(message.id, judgement(of: message, &effects)), now, &effects) }
    }

    private mutating func judgement(of message: GossipMessage, _ effects: inout [Effect]) -> MessageJudgement {
        if bug != .trusting {
            guard world.isSigned(message) else { return .forged }
        }
        guard let publication = world.publication(in: message) else { return .reject }
        // What is seen again after long is known to the application; with the bug, to nobody.
        if bug != .forgetful {
            guard delivered.insert(publication).inserted else { return .ignore }
        }
        effects.append(.note("pubsub.delivered", 1))
        effects.append(.observe(.delivered(publication.author, publication.incarnation, publication.number)))
        return .accept
    }
}

/// Deliberate bugs, to see that the judge sees them.
enum PubSubBug: String, CaseIterable, Sendable {
    /// Does not check signatures.
    case trusting
    /// Forgets at once what it has seen.
    case forgetful
}
