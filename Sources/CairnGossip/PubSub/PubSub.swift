public import CairnBase

/// Publishing and forwarding by topic: gossipsub 1.1 and 1.2 as a value.
///
/// Every topic has a mesh, a few peers with whom messages are exchanged as soon as they come. Most of it are the
/// nearest peers, which makes it quick, and some are random ones we chose ourselves, which keeps it whole and hard to
/// surround. Everybody else hears once per heartbeat which messages there were and may ask for them. Large messages go to
/// two mesh peers, the others are told at once and ask for what does not come.
///
/// A message is held until the edge has judged it: only what was accepted is passed on, and only what was decided counts as
/// seen, so nobody can suppress a message by sending it first with a bad signature. Peers earn points and lose them; those far
/// below zero are not heard. Whatever a peer can make this grow has a limit and goes when the peer goes.
public struct PubSub: ProtocolCore {
    public typealias Input = PubSubInput
    public typealias Effect = PubSubEffect

    public let node: NodeID
    let settings: PubSubSettings
    public internal(set) var counters = PubSubCounters()
    public internal(set) var score: PeerScore
    var random: SeededRandom
    var topics = OrderedMap<Topic, TopicState>()
    var peers = OrderedMap<NodeID, PeerState>()
    /// Those of them that speak nothing newer, and are in no mesh: most often nobody.
    var floodsub = OrderedSet<NodeID>()
    var seen: SeenMessages
    var cache: MessageCache
    /// Messages at the edge to be judged.
    var pending = OrderedMap<MessageID, PendingMessage>()
    var pendingBytes = 0
    /// Messages we heard of and wait for, and what was promised.
    var wants = OrderedMap<MessageID, Want>()
    var nextAsk = Instant.distantFuture
    var promises: [Promise] = []
    /// What leaves at the end of the step.
    var outbox = OrderedMap<NodeID, GossipEnvelope>()
    var beats: UInt64 = 0
    private var nextBeat = Instant.distantFuture
    private var timerAt = Instant.distantFuture

    public init(
        as node: NodeID, random: SeededRandom, settings: PubSubSettings = PubSubSettings(), at now: Instant
    ) {
        self.node = node
        self.random = random
        self.settings = settings
        let limits = settings.limits
        score = PeerScore(settings.score, memory: limits.scoreMemory, capacity: limits.scores)
        seen = SeenMessages(for: limits.seenTime, capacity: limits.seen, at: now)
        cache = MessageCache(
            windows: settings.windowsKept, told: settings.windowsTold, byteLimit: limits.cachedBytes)
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .start: nextBeat = now + TimeSpan(nanoseconds: random.below(settings.heartbeat.nanoseconds))
        case .subscribe(let topic, let shape): subscribe(topic, shape, at: now)
        case .unsubscribe(let topic): unsubscribe(topic, at: now)
        case .joined(let peer, let traits): join(peer, traits)
        case .left(let peer): leave(peer, at: now)
        case .introduced(let peer): introduce(peer)
        case .measured(let peer, let time): peers.mutate(peer) { $0.traits.roundTrip = time }
        case .regarded(let peer, let points): score.regard(peer, points)
        case .publish(let message): publish(message, at: now)
        case .received(let envelope, let peer): receive(envelope, from: peer, at: now, into: &effects)
        case .unreadable(let peer):
            counters.unreadable += 1
            score.misbehaved(peer, .unreadable)
        case .judged(let id, let judgement): judged(id, judgement, at: now, into: &effects)
        case .timer:
            guard now >= timerAt else { break }
            timerAt = .distantFuture
            if now >= nextBeat {
                nextBeat = now + settings.heartbeat
                heartbeat(at: now)
            }
        }
        askForDue(at: now)
        while let peer = score.takeOffender() { effects.append(.offended(peer)) }
        flush(into: &effects)
        armTimer(at: now, into: &effects)
    }

    private mutating func flush(into effects: inout [Effect]) {
        while let (peer, envelope) = outbox.popFirst() {
            guard peers.contains(peer) else { continue }
            for piece in envelope.pieces(limit: settings.limits.envelope) { effects.append(.send(piece, to: peer)) }
        }
    }

    private mutating func armTimer(at now: Instant, into effects: inout [Effect]) {
        let next = min(nextBeat, nextAsk)
        guard next < timerAt else { return }
        timerAt = max(next, now)
        effects.append(.setTimer(at: timerAt))
    }

    // MARK: - What others may know

    public func isKnown(_ id: MessageID) -> Bool { seen.contains(id) || pending.contains(id) }
    public var connected: [NodeID] { peers.keys }
    public var knownTopics: [Topic] { topics.keys }
    public func traits(of peer: NodeID) -> PubSubPeer? { peers[peer]?.traits }
    public func mesh(of topic: Topic) -> [NodeID] { topics[topic]?.mesh.elements ?? [] }
    public func subscribers(of topic: Topic) -> Int { topics[topic]?.subscribers.count ?? 0 }
    /// How often ids of decided messages were forgotten before their time, because more came than there is room for.
    public var forgottenEarly: UInt64 { seen.crowdedOut }
    /// Everything of which peers decide how much there is, for whoever checks that it stays bounded.
    public var heldCount: Int {
        let ofPeers = peers.reduce(0) { $0 + $1.value.unwanted.count }
        let ofTopics = topics.reduce(0) {
            $0 + $1.value.subscribers.count + $1.value.mesh.count + $1.value.backoffs.count
        }
        return ofPeers + ofTopics + pending.count + wants.count + promises.count + seen.count + cache.count
            + score.count
    }
}

/// A topic we know.
struct TopicState: Sendable {
    var shape: TopicSettings
    var isSubscribed: Bool
    /// Peers that take part in it.
    var subscribers = OrderedSet<NodeID>()
    var mesh = OrderedSet<NodeID>()
    /// Peers to publish to while we are not subscribed, and until when.
    var fanout = OrderedSet<NodeID>()
    var fanoutUntil = Instant.origin
    /// With whom not to graft until when, and since when.
    var backoffs = OrderedMap<NodeID, Backoff>()
}

struct Backoff: Sendable {
    var since: Instant
    var until: Instant
}

/// A peer that can be written to.
struct PeerState: Sendable {
    var traits: PubSubPeer
    /// Of this heartbeat: announcements heard, ids asked for, refusals heard, bytes given on request.
    var announcements = 0
    var asked = 0
    var refusals = 0
    var servedBytes = 0
    /// Messages it has or does not want, with the heartbeat in which it said so.
    var unwanted = OrderedMap<MessageID, UInt64>()
}

/// A message that is being judged.
struct PendingMessage: Sendable {
    var message: GossipMessage
    var from: NodeID
    let since: Instant
    /// Others who brought the very same message.
    var holders: [NodeID] = []
    /// The same content under other signatures, to be tried when this one turns out forged.
    var alternates: [(message: GossipMessage, from: NodeID)] = []
}

/// A message that was announced and has not come.
struct Want: Sendable {
    var sources: [NodeID]
    var askAt: Instant
}

/// Somebody was asked for what it had announced.
struct Promise: Sendable {
    let id: MessageID
    let peer: NodeID
    let until: Instant
}
