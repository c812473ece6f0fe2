public import CairnBase
import CairnCrypto
public import CairnGossip
public import CairnTransport
import CairnWire

/// Publishing by topic over the links of a peer network, as any libp2p node does it: one stream each way, on which only the
/// one who opened it speaks.
///
/// A peer takes part once it has agreed to a stream that we opened; what it says comes on one that it opened. Strangers
/// may: what they publish is judged like everything else. What the core wants is carried out at once; judging is the owner's
/// business, now or later.
public final class PubSubShell {
    /// Checks signature and content of a message and tells once what to make of it.
    public typealias Judge = (GossipMessage, NodeID, @escaping (MessageJudgement) -> Void) -> Void

    /// What is known about one link.
    private struct Speaker {
        let link: PeerLink
        /// The stream we speak on, and what was agreed on it.
        var output: StreamID?
        var version: PubSubPeer.Version?
        /// The stream we listen on.
        var input: StreamID?
        var frames: FrameReader
        var tries = 0
    }

    private let loop: EventLoop
    private let limits: Limits.Gossip
    private let sign: ([UInt8]) -> Signature
    public private(set) var core: PubSub
    // ORDER: looked up by link; which of a peer's links serves it is decided by the lowest number.
    private var speakers: [LinkID: Speaker] = [:]
    // ORDER: looked up by node only.
    private var serving: [NodeID: LinkID] = [:]
    private let topics: [Topic]
    private var shape = TopicSettings(among: 0)
    private var sequence: UInt64
    public var judge: Judge?
    /// Too much of what a peer sent does not hold; it is at this address.
    public var onOffence: ((NodeID, IPAddress?) -> Void)?
    /// Envelopes that were not sent because a peer had too much waiting.
    public private(set) var unsent: UInt64 = 0

    private static let measuring = TimeSpan.seconds(5)
    private static let streamTries = 3
    static let hash: ContentHash = { SHA256.digest($0) }

    /// `sign` signs with the node's identity key, without any domain of ours: the form is libp2p's.
    public init(
        on loop: EventLoop, as node: NodeID, topics: [Topic], limits: Limits.Gossip = Limits.Gossip(),
        sign: @escaping ([UInt8]) -> Signature
    ) {
        self.loop = loop
        self.limits = limits
        self.sign = sign
        // Higher than in any earlier run, as long as the clock does not go back.
        sequence = Clock.wall().millisecondsSince1970 << 20
        var settings = PubSubSettings()
        settings.limits = limits
        core = PubSub(as: node, random: SeededRandom(seed: SecureRandom.seed()), settings: settings, at: loop.now)
        self.topics = topics
        for topic in topics { give(.subscribe(topic, shape)) }
        give(.start)
        measure()
    }

    /// Publishes under our name; false when it is too large or was published by somebody already.
    @discardableResult
    public func publish(_ topic: Topic, _ data: [UInt8]) -> Bool {
        guard !data.isEmpty, data.count <= limits.message, !core.isKnown(MessageID(topic, data, using: Self.hash))
        else {
            return false
        }
        sequence += 1
        give(
            .publish(
                GossipMessage(topic, data, by: core.node, sequence: sequence, using: Self.hash, sign: sign)))
        return true
    }

    /// Now and then the core hears how far its peers are: meshes are made of the nearest.
    private func measure() {
        for (node, id) in serving {
            if let time = speakers[id]?.link.roundTrip { give(.measured(node, roundTrip: time)) }
        }
        loop.after(Self.measuring) { [weak self] in self?.measure() }
    }

    /// So many members are known: meshes take the shape of a network of that size. What is linked already stays.
    public func adapt(to members: Int) {
        let shape = TopicSettings(among: members)
        guard shape != self.shape else { return }
        self.shape = shape
        for topic in topics { give(.subscribe(topic, shape)) }
    }

    private func give(_ input: consuming PubSubInput) {
        var effects: [PubSubEffect] = []
        core.handle(input, at: loop.now, into: &effects)
        for effect in effects { carryOut(effect) }
    }

    private func carryOut(_ effect: PubSubEffect) {
        switch effect {
        case .send(let envelope, let node): send(envelope, to: node)
        case .judge(let message, let node):
            let id = message.id
            guard let judge else { return give(.judged(id, .ignore)) }
            judge(message, node) { [weak self] in self?.give(.judged(id, $0)) }
        case .offended(let node):
            let link = serving[node].flatMap { speakers[$0]?.link }
            onOffence?(node, link?.endpoint?.address)
        case .setTimer(let instant): loop.at(instant) { [weak self] in self?.give(.timer) }
        }
    }

    private func send(_ envelope: GossipEnvelope, to node: NodeID) {
        guard let id = serving[node], let speaker = speakers[id], let output = speaker.output else { return }
        let bytes = envelope.encoded
        var frame = ByteWriter(capacity: bytes.count + 4)
        frame.frame(.uvarint, bytes)
        if speaker.link.perform({ connection, _ in connection.write(output, frame.bytes) }) != true { unsent += 1 }
    }
}

// MARK: - Streams

extension PubSubShell: StreamService {
    private static let versions = PubSubPeer.Version.allCases.reversed().map(\.rawValue)

    public var protocols: [StreamProtocol] { Self.versions.map { StreamProtocol($0, .block) } }

    public func linkEstablished(_ link: PeerLink) {
        speakers[link.id] = Speaker(link: link, frames: FrameReader(.uvarint, limit: limits.envelopeRead))
        open(link.id)
    }

    public func linkIntroduced(_ link: PeerLink) {
        if let node = link.peer { give(.introduced(node)) }
    }

    private func open(_ id: LinkID) {
        guard let speaker = speakers[id], speaker.output == nil, speaker.tries < Self.streamTries else { return }
        speakers[id]?.tries += 1
        speakers[id]?.output = speaker.link.perform { connection, _ in connection.open(Self.versions, .block) } ?? nil
    }

    public func handle(_ event: Connection.Event, on link: PeerLink) -> Bool {
        guard let speaker = speakers[link.id] else { return false }
        switch event {
        case .agreed(let id, let name):
            guard id == speaker.output, let version = PubSubPeer.Version(rawValue: name) else { return false }
            speakers[link.id]?.version = version
            if let node = link.peer, serving[node] == nil { serve(node, over: link.id) }
        case .opened(let id, let name):
            guard PubSubPeer.Version(rawValue: name) != nil else { return false }
            // A second one takes the place of the first, whose end may still be on its way.
            if let old = speaker.input { reset(old, on: link) }
            speakers[link.id]?.input = id
            speakers[link.id]?.frames = FrameReader(.uvarint, limit: limits.envelopeRead)
        case .received(let id, let bytes):
            guard id == speaker.input || id == speaker.output else { return false }
            if id == speaker.input { read(bytes, on: link) }
            link.perform { connection, more in connection.consume(id, bytes.count, into: &more) }
        case .finished(let id):
            guard id == speaker.input || id == speaker.output else { return false }
            if id == speaker.input { link.perform { connection, _ in connection.finish(id) } }
        case .closed(let id):
            guard id == speaker.input || id == speaker.output else { return false }
            closed(id, speaker)
        default: return false
        }
        return true
    }

    public func linkEnded(_ link: PeerLink) {
        guard speakers.removeValue(forKey: link.id) != nil, let node = link.peer, serving[node] == link.id else {
            return
        }
        release(node)
    }

    private func serve(_ node: NodeID, over id: LinkID) {
        guard let speaker = speakers[id], let version = speaker.version else { return }
        serving[node] = id
        let link = speaker.link
        let traits = PubSubPeer(
            version, isOutbound: link.isDialer, isOfOurs: link.isIntroduced, endpoint: link.endpoint,
            roundTrip: link.roundTrip)
        give(.joined(node, traits))
    }

    /// The link that served a peer does no longer; another may.
    private func release(_ node: NodeID) {
        serving[node] = nil
        give(.left(node))
        let others = speakers.filter { $0.value.link.peer == node && $0.value.version != nil }
        if let next = others.keys.min() { serve(node, over: next) }
    }

    private func closed(_ id: StreamID, _ speaker: Speaker) {
        let link = speaker.link.id
        if id == speaker.input { speakers[link]?.input = nil }
        guard id == speaker.output else { return }
        speakers[link]?.output = nil
        speakers[link]?.version = nil
        if let node = speaker.link.peer, serving[node] == link { release(node) }
        // One that never agreed does not speak it, and is not asked again.
        guard speaker.version != nil else { return }
        loop.after(.seconds(1)) { [weak self] in self?.open(link) }
    }

    private func reset(_ id: StreamID, on link: PeerLink) {
        link.perform { connection, more in connection.reset(id, into: &more) }
    }

    private func read(_ bytes: [UInt8], on link: PeerLink) {
        guard let node = link.peer, var frames = speakers[link.id]?.frames else { return }
        speakers[link.id]?.frames = FrameReader(.uvarint, limit: 0)
        var reader = ByteReader(bytes.span.bytes)
        do {
            while let frame = try frames.next(from: &reader) {
                let envelope = try GossipEnvelope(frame.span.bytes, limits: limits, using: Self.hash)
                if serving[node] == link.id { give(.received(envelope, from: node)) }
            }
            speakers[link.id]?.frames = frames
        } catch {
            give(.unreadable(from: node))
            guard let input = speakers[link.id]?.input else { return }
            speakers[link.id]?.input = nil
            reset(input, on: link)
        }
    }
}
