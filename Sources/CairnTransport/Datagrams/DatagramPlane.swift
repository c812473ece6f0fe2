public import CairnBase
internal import CairnCrypto
public import CairnWire

/// The UDP plane without its socket: datagrams in, datagrams out, and between them sealed sessions with nodes.
///
/// A session is agreed by Noise IK against the key in the peer's signed record, under a prologue that names the chain.
/// A sender that is not known yet costs us at most one datagram that is not longer than its own, whatever it sends.
/// Everything inside a session is sealed, counted and refused when it comes twice; keys are replaced after two minutes.
/// A session is bound to an address: a peer heard from elsewhere is asked there and written to only once it answers.
///
/// Nothing is promised: a datagram may be lost anywhere, and what has waited for a session too long is dropped here.
public struct DatagramPlane: ProtocolCore {
    public typealias Input = DatagramInput
    public typealias Effect = DatagramEffect

    public internal(set) var counters = DatagramCounters()

    let limits: Limits.Datagrams
    let verifier: Verifier
    let key: SharedAgreementKey
    let prologue: [UInt8]
    let network: UInt32
    /// Unix time at `origin` of our clock, in milliseconds: initiations state a time that grows with every one.
    private let started: (unixMilliseconds: UInt64, at: Instant)
    private var lastStated: UInt64 = 0
    var record: NodeRecord
    var banned = Banned()
    var secrets: SecretRatchet
    var stranger: HandshakeGuard
    var peers = OrderedMap<NodeID, DatagramPeer>()
    var halfOpen = OrderedMap<NodeID, HalfOpen>()
    // ORDER: looked up by index only.
    var sessions: [UInt32: DatagramSession] = [:]
    /// Which peer a handshake of ours goes to, by the index it was sent under.
    var attempts = OrderedMap<UInt32, NodeID>()
    var questions = OrderedMap<UInt64, (endpoint: Endpoint, asked: Instant)>()
    private var unflushed = OrderedSet<NodeID>()
    private var timerAt = Instant.distantFuture
    private var nextSweep: Instant

    /// - Parameters:
    ///   - record: our own, signed; it names the public half of `key`.
    ///   - secret: drawn for this run alone; all keys and nonces of the run come from it.
    public init(
        record: NodeRecord, key: SharedAgreementKey, chain: ChainID, secret: Bytes32, unixMilliseconds: UInt64,
        limits: Limits.Datagrams = Limits.Datagrams(), at now: Instant
    ) {
        self.limits = limits
        self.record = record
        self.key = key
        verifier = Verifier(chain: chain)
        network = NodeRecord.Content.network(of: chain)
        prologue = Array("cairn-udp-1".utf8) + chain.raw.bytes
        started = (unixMilliseconds, now)
        secrets = SecretRatchet(secret: secret)
        stranger = HandshakeGuard(limits: limits, secret: secrets.next())
        nextSweep = now + limits.oldKeyLifetime
    }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .received(let bytes, let source): receive(bytes, from: source, at: now, into: &effects)
        case .contact(let node, let key, let endpoint): learn(node, key, endpoint, at: now)
        case .forget(let node): forget(node)
        case .banned(let banned): obey(banned)
        case .ask(let endpoint): ask(endpoint, at: now, into: &effects)
        case .send(let message, let node): queue(message, to: node)
        case .flush: flush(at: now, into: &effects)
        case .timer:
            guard now >= timerAt else { break }
            timerAt = .distantFuture
            retry(at: now, into: &effects)
            if now >= nextSweep { sweep(at: now) }
        case .record(let record): self.record = record
        }
        armTimer(at: now, into: &effects)
    }

    /// Whether something sent now would leave sealed without waiting for a handshake.
    public func hasSession(with node: NodeID, at now: Instant) -> Bool {
        guard let index = peers[node]?.current, let session = sessions[index] else { return false }
        return !session.isDead(limits, at: now)
    }

    public var peerCount: Int { peers.count }

    /// Whether it can be written to without being made known first.
    public func knows(_ node: NodeID) -> Bool { peers.contains(node) }
    public var sessionCount: Int { sessions.count }

    /// The present time for an initiation: never the same twice.
    mutating func statedTime(_ now: Instant) -> UInt64 {
        let time = started.unixMilliseconds + now.since(started.at).milliseconds
        lastStated = max(time, lastStated + 1)
        return lastStated
    }
}

// MARK: - Peers

extension DatagramPlane {
    private mutating func obey(_ banned: Banned) {
        self.banned = banned
        for (node, peer) in peers where banned.forbids(node, at: peer.endpoint) { forget(node) }
    }

    private mutating func learn(_ node: NodeID, _ key: Bytes32, _ endpoint: Endpoint, at now: Instant) {
        guard node != record.node, endpoint.port != 0, endpoint.address.isReachable,
            !banned.forbids(node, at: endpoint)
        else { return }
        guard var peer = peers[node] else {
            guard makeRoom(at: now) else { return }
            peers[node] = DatagramPeer(key: key, at: endpoint, now: now)
            return
        }
        if peer.key != key {
            peer.key = key
            if let attempt = peer.attempt { attempts[attempt.index] = nil }
            peer.attempt = nil
        }
        // With a session its own proof of address counts for more than what a record says.
        if peer.sessions.isEmpty { peer.endpoint = endpoint }
        peers[node] = peer
    }

    /// Room for one more peer, if need be in place of the one that has been silent longest, unless it spoke just now.
    mutating func makeRoom(at now: Instant) -> Bool {
        guard peers.count >= limits.peers else { return true }
        counters.full += 1
        guard let oldest = peers.min(by: { $0.value.lastHeard < $1.value.lastHeard }),
            now.since(oldest.value.lastHeard) >= limits.oldKeyLifetime
        else { return false }
        forget(oldest.key)
        return true
    }

    private mutating func forget(_ node: NodeID) {
        forgetHalfOpen(node)
        guard let peer = peers.removeValue(forKey: node) else { return }
        for index in peer.sessions { sessions[index] = nil }
        if let attempt = peer.attempt { attempts[attempt.index] = nil }
        _ = unflushed.remove(node)
    }

    mutating func forgetHalfOpen(_ node: NodeID) {
        if let half = halfOpen.removeValue(forKey: node) { sessions[half.session] = nil }
    }

    private mutating func ask(_ endpoint: Endpoint, at now: Instant, into effects: inout [Effect]) {
        guard endpoint.port != 0, endpoint.address.isReachable, !banned.forbids(endpoint),
            questions.count < limits.questions
        else {
            counters.undeliverable += 1
            return
        }
        let nonce = secrets.word()
        questions[nonce] = (endpoint, now)
        effects.append(.send(DatagramForm.question(network: network, nonce: nonce).bytes, to: endpoint))
    }

    /// Drops sessions and questions that are over.
    private mutating func sweep(at now: Instant) {
        nextSweep = now + limits.oldKeyLifetime
        questions.removeAll { _, question in now.since(question.asked) >= limits.oldKeyLifetime }
        // As long as the initiator goes on with it: what showed its address may have been lost.
        for (node, half) in halfOpen where sessions[half.session]?.isDead(limits, at: now) != false {
            forgetHalfOpen(node)
        }
        for (node, kept) in peers where !kept.sessions.isEmpty {
            var peer = kept
            for index in kept.sessions where sessions[index]?.isDead(limits, at: now) != false {
                sessions[index] = nil
                if peer.current == index { peer.current = nil }
                if peer.previous == index { peer.previous = nil }
            }
            peers[node] = peer
        }
    }

    private mutating func armTimer(at now: Instant, into effects: inout [Effect]) {
        var next = peers.isEmpty && questions.isEmpty && halfOpen.isEmpty ? Instant.distantFuture : nextSweep
        for (_, node) in attempts { next = min(next, peers[node]?.attempt?.nextTry ?? next) }
        guard next < timerAt else { return }
        timerAt = max(next, now)
        effects.append(.setTimer(at: timerAt))
    }
}

// MARK: - Sending

extension DatagramPlane {
    private mutating func queue(_ message: DatagramMessage, to node: NodeID) {
        guard message.body.count <= DatagramMessage.bodyLimit, var peer = peers[node] else {
            counters.undeliverable += 1
            return
        }
        if peer.waiting.count >= limits.waitingPerPeer {
            // The least urgent one makes room, the older of two alike.
            counters.undeliverable += 1
            let worst = peer.waiting.map(\.kind.rawValue).max() ?? 0
            guard worst >= message.kind.rawValue,
                let index = peer.waiting.firstIndex(where: { $0.kind.rawValue == worst })
            else { return }
            peer.waiting.remove(at: index)
        }
        peer.waiting.append(message)
        peers[node] = peer
        _ = unflushed.insert(node)
    }

    private mutating func flush(at now: Instant, into effects: inout [Effect]) {
        while let node = unflushed.popFirst() { flush(node, at: now, into: &effects) }
    }

    /// Seals what waits for a peer, the most urgent first, or begins a handshake when there is no session.
    mutating func flush(_ node: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard var peer = peers[node] else { return }
        guard let index = peer.current, var session = sessions[index], !session.isDead(limits, at: now) else {
            if !peer.waiting.isEmpty { initiate(node, at: now, into: &effects) }
            return
        }
        let messages = peer.waiting.enumerated().sorted {
            ($0.element.kind.rawValue, $0.offset) < ($1.element.kind.rawValue, $1.offset)
        }.map(\.element)
        peer.waiting = []
        var batch: [DatagramMessage] = []
        var size = 0
        for message in messages {
            if size + message.byteCount > SealedDatagram.plainLimit {
                seal(batch, on: &session, to: peer.endpoint, into: &effects)
                (batch, size) = ([], 0)
            }
            batch.append(message)
            size += message.byteCount
        }
        if !batch.isEmpty { seal(batch, on: &session, to: peer.endpoint, into: &effects) }
        sessions[index] = session
        peers[node] = peer
        if session.isWornOut(limits, at: now) { initiate(node, at: now, into: &effects) }
    }

    mutating func seal(
        _ messages: [DatagramMessage], on session: inout DatagramSession, to endpoint: Endpoint,
        into effects: inout [Effect]
    ) {
        counters.sealed += 1
        effects.append(.send(session.seal(SealedDatagram.plain(messages)), to: endpoint))
    }

    mutating func flushLater(_ node: NodeID) { _ = unflushed.insert(node) }
}
