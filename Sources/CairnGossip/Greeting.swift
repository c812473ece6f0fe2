public import CairnBase
internal import CairnWire

/// Greets the peers a node was told of, answers those who greet it, and knows who is alive.
///
/// Once per period every peer is sent a greeting with a fresh nonce; the reply that echoes it proves that its signer
/// lives at that address, and how far away it is. A peer's own greeting echoes too, so one lost datagram per period is
/// no missed greeting. A peer that misses greetings becomes suspect, then down, and is then greeted more rarely. A
/// stranger's greeting earns one reply of equal length and nothing else; when its next greeting echoes that reply it
/// has proven its address and becomes a peer. Both tables are bounded.
///
/// Nonces are hashes under a secret of this run. From the seeded generator they could be foretold, and an echo would
/// prove nothing.
public struct Greeting<Hash: HashFunction>: ProtocolCore {
    public typealias Input = GreetingInput
    public typealias Effect = GreetingEffect

    public let node: NodeID
    public let chain: ChainID
    public private(set) var counters = GreetingCounters()

    private let settings: GreetingSettings
    private let session: UInt64
    private let secret: Bytes32
    private let hash: Hash
    private var nonceCount: UInt64 = 0
    private var random: SeededRandom
    private var sequence: UInt64 = 0
    private var table = OrderedMap<Endpoint, Peer>()
    private var strangers = OrderedMap<Endpoint, Stranger>()
    private var strangerOrder: BoundedQueue<Endpoint>
    private var timerAt = Instant.distantFuture

    private struct Stranger {
        let node: NodeID
        /// What we asked; its next greeting must echo it.
        let nonce: UInt64
    }

    /// - Parameter secret: drawn for this run alone; whoever knows it can pretend to be at any address.
    public init(
        node: NodeID, chain: ChainID, secret: Bytes32, random: SeededRandom, hash: Hash,
        settings: GreetingSettings = GreetingSettings()
    ) {
        self.node = node
        self.chain = chain
        self.settings = settings
        self.secret = secret
        self.random = random
        self.hash = hash
        session = self.random.next()
        strangerOrder = BoundedQueue(capacity: settings.strangers, overflow: .dropOldest)
    }

    /// All peers, by address.
    public var peers: [Peer] { table.map(\.value) }

    public func knows(_ endpoint: Endpoint) -> Bool { table.contains(endpoint) }

    public func count(_ state: Peer.State) -> Int { table.reduce(0) { $0 + ($1.value.state == state ? 1 : 0) } }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        switch input {
        case .start(let endpoints):
            for endpoint in endpoints where table.count < settings.peers && !table.contains(endpoint) {
                table[endpoint] = Peer(endpoint, isConfigured: true, nextGreeting: now + jitter(settings.period))
            }
        case .received(let hello, let endpoint):
            receive(hello.value.content, from: endpoint, at: now, into: &effects)
        case .timer:
            // One that an earlier timer has made needless.
            guard now >= timerAt else { return }
            timerAt = .distantFuture
            greetDue(at: now, into: &effects)
        }
        armTimer(at: now, into: &effects)
    }
}

// MARK: - Greeting

extension Greeting {
    private mutating func greetDue(at now: Instant, into effects: inout [Effect]) {
        let due = table.compactMap { $0.value.nextGreeting <= now ? $0.value : nil }
        for var peer in due {
            if peer.isUnanswered, miss(&peer, into: &effects) {
                table[peer.endpoint] = nil
                continue
            }
            let nonce = freshNonce()
            peer.outstanding = (nonce, now)
            peer.asked(nonce)
            let factor = peer.state == .down ? settings.downFactor : 1
            peer.nextGreeting =
                now + settings.period * factor + jitter(TimeSpan(nanoseconds: settings.period.nanoseconds / 8))
            send(.greeting, nonce: nonce, echo: peer.lastNonce, to: peer.endpoint, into: &effects)
            counters.greetingsSent += 1
            table[peer.endpoint] = peer
        }
    }

    /// Counts a greeting without reply. True when the peer is to be forgotten.
    private func miss(_ peer: inout Peer, into effects: inout [Effect]) -> Bool {
        peer.missed = min(peer.missed + 1, settings.missesToForget)
        if peer.missed >= settings.missesToDown, peer.state == .suspect || peer.state == .unknown {
            change(&peer, to: .down, into: &effects)
        } else if peer.missed >= settings.missesToSuspect, peer.state == .alive {
            change(&peer, to: .suspect, into: &effects)
        }
        return !peer.isConfigured && peer.missed >= settings.missesToForget
    }

    private mutating func send(
        _ kind: Hello.Kind, nonce: UInt64, echo: UInt64, to endpoint: Endpoint, into effects: inout [Effect]
    ) {
        sequence &+= 1
        let content = Hello.Content(
            kind, network: chain.raw.low64, sender: node, session: session, sequence: sequence, nonce: nonce,
            echo: echo)
        effects.append(.send(content, to: endpoint))
    }

    private mutating func freshNonce() -> UInt64 {
        nonceCount &+= 1
        var writer = ByteWriter(capacity: 40)
        writer.bytes32(secret)
        writer.u64(nonceCount)
        // Zero means that there is none.
        return max(1, hash.digest(nonceTag, writer.bytes).raw.low64)
    }

    private mutating func jitter(_ span: TimeSpan) -> TimeSpan {
        TimeSpan(nanoseconds: random.below(span.nanoseconds))
    }

    /// Sets a timer when there is none, or only a later one, which is then ignored when it fires.
    private mutating func armTimer(at now: Instant, into effects: inout [Effect]) {
        guard let next = table.map(\.value.nextGreeting).min(), next < timerAt else { return }
        timerAt = max(next, now)
        effects.append(.setTimer(at: timerAt))
    }

    private func change(_ peer: inout Peer, to state: Peer.State, into effects: inout [Effect]) {
        guard peer.state != state else { return }
        peer.state = state
        effects.append(.stateChanged(peer.endpoint, peer.node, state))
    }
}

// MARK: - Receiving

extension Greeting {
    private mutating func receive(
        _ hello: Hello.Content, from endpoint: Endpoint, at now: Instant, into effects: inout [Effect]
    ) {
        guard hello.sender != node else { return counters.own += 1 }
        guard endpoint.port != 0, !endpoint.address.isMulticast, !endpoint.address.isUnspecified,
            hello.network == chain.raw.low64
        else { return counters.stale += 1 }
        switch hello.kind {
        case .greeting: receiveGreeting(hello, from: endpoint, at: now, into: &effects)
        case .reply: receiveReply(hello, from: endpoint, at: now, into: &effects)
        }
    }

    private mutating func receiveReply(
        _ hello: Hello.Content, from endpoint: Endpoint, at now: Instant, into effects: inout [Effect]
    ) {
        guard var peer = table[endpoint], let asked = peer.outstanding, asked.nonce == hello.echo else {
            return counters.stale += 1
        }
        peer.outstanding = nil
        if peer.node == hello.sender {
            peer.take(now.since(asked.sent))
        } else {
            peer.roundTrip = now.since(asked.sent)
        }
        prove(&peer, by: hello, at: now, into: &effects)
    }

    private mutating func receiveGreeting(
        _ hello: Hello.Content, from endpoint: Endpoint, at now: Instant, into effects: inout [Effect]
    ) {
        if var peer = table[endpoint], peer.node == hello.sender, peer.session == hello.session {
            guard hello.sequence > peer.lastSequence else { return counters.stale += 1 }
            let nonce = freshNonce()
            peer.asked(nonce)
            if peer.accepts(hello.echo) {
                prove(&peer, by: hello, at: now, into: &effects)
            } else {
                peer.lastSequence = hello.sequence
                peer.lastNonce = hello.nonce
                table[endpoint] = peer
            }
            return reply(to: hello, nonce: nonce, at: endpoint, into: &effects)
        }
        if let stranger = strangers[endpoint], stranger.node == hello.sender, stranger.nonce == hello.echo {
            strangers[endpoint] = nil
            guard var peer = table[endpoint] ?? newPeer(endpoint, at: now) else { return }
            prove(&peer, by: hello, at: now, into: &effects)
            return reply(to: hello, nonce: freshNonce(), at: endpoint, into: &effects)
        }
        let nonce = freshNonce()
        remember(Stranger(node: hello.sender, nonce: nonce), at: endpoint)
        reply(to: hello, nonce: nonce, at: endpoint, into: &effects)
    }

    private mutating func newPeer(_ endpoint: Endpoint, at now: Instant) -> Peer? {
        guard table.count < settings.peers else {
            counters.full += 1
            return nil
        }
        return Peer(endpoint, isConfigured: false, nextGreeting: now + jitter(settings.period))
    }

    /// The sender answered a fresh nonce of ours: it is alive, at this address, in this session.
    private mutating func prove(
        _ peer: inout Peer, by hello: Hello.Content, at now: Instant, into effects: inout [Effect]
    ) {
        counters.proofs += 1
        let wasDown = peer.state == .down
        if peer.node != hello.sender, peer.node != nil { change(&peer, to: .down, into: &effects) }
        if peer.session != hello.session || peer.node != hello.sender { peer.lastSequence = 0 }
        peer.node = hello.sender
        peer.session = hello.session
        peer.lastSequence = max(peer.lastSequence, hello.sequence)
        peer.lastNonce = hello.nonce
        peer.lastProof = now
        peer.missed = 0
        if wasDown { peer.nextGreeting = now + jitter(settings.period) }
        change(&peer, to: .alive, into: &effects)
        table[peer.endpoint] = peer
    }

    private mutating func remember(_ stranger: Stranger, at endpoint: Endpoint) {
        if strangers.updateValue(stranger, forKey: endpoint) != nil { return }
        if let oldest = strangerOrder.append(endpoint) { strangers[oldest] = nil }
    }

    private mutating func reply(
        to hello: Hello.Content, nonce: UInt64, at endpoint: Endpoint, into effects: inout [Effect]
    ) {
        counters.repliesSent += 1
        send(.reply, nonce: nonce, echo: hello.nonce, to: endpoint, into: &effects)
    }
}

private let nonceTag = DomainTag("cn/hello-nonce")
