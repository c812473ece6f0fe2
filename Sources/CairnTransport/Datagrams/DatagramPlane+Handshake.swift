internal import CairnBase
internal import CairnCrypto
internal import CairnWire

/// How two nodes agree on a session.
extension DatagramPlane {
    /// What the first message carries under its seal: when it was made, and who the sender is.
    private struct Introduction {
        let time: UInt64
        let record: NodeRecord

        static let longest = 8 + NodeRecord.longest

        init(time: UInt64, record: NodeRecord) {
            self.time = time
            self.record = record
        }

        init(_ bytes: [UInt8]) throws(DecodeError) {
            guard bytes.count <= Self.longest else {
                throw .tooLarge(size: UInt64(bytes.count), limit: UInt64(Self.longest))
            }
            var reader = ByteReader(bytes.span.bytes)
            time = try reader.u64()
            record = try NodeRecord(from: &reader)
            try reader.end()
        }

        var bytes: [UInt8] {
            var writer = ByteWriter(capacity: Self.longest)
            writer.u64(time)
            record.encode(into: &writer)
            return writer.bytes
        }
    }

    // MARK: - As initiator

    mutating func initiate(_ node: NodeID, at now: Instant, into effects: inout [Effect]) {
        guard peers[node]?.attempt == nil else { return }
        initiate(node, tries: 1, cookie: .zero, at: now, into: &effects)
    }

    /// Every try is a new handshake: the same message again would look like a replay to who answered the first.
    private mutating func initiate(
        _ node: NodeID, tries: Int, cookie: Bytes32, at now: Instant, into effects: inout [Effect]
    ) {
        guard var peer = peers[node] else { return }
        var handshake = NoiseHandshake(
            .ik, .initiator, local: key, ephemeral: ephemeral(), knownStatic: peer.key, prologue: prologue)
        var message: [UInt8] = []
        do throws(NoiseFault) {
            try handshake.write(Introduction(time: statedTime(now), record: record).bytes, into: &message)
        } catch {
            // The key in its record is one with which nothing can be agreed.
            return giveUp(node, into: &effects)
        }
        let attempt = DatagramPeer.Attempt(
            index: freshIndex(), handshake: handshake, message: message, cookie: cookie, tries: tries,
            nextTry: now + limits.firstHandshakePause * (1 << UInt64(tries - 1)))
        peer.attempt = attempt
        peers[node] = peer
        attempts[attempt.index] = node
        send(attempt, to: peer.endpoint, into: &effects)
    }

    private mutating func send(_ attempt: DatagramPeer.Attempt, to endpoint: Endpoint, into effects: inout [Effect]) {
        counters.initiationsSent += 1
        let form = DatagramForm.initiation(index: attempt.index, cookie: attempt.cookie, message: attempt.message)
        effects.append(.send(form.bytes, to: endpoint))
    }

    /// Tries again where nothing was answered in time, with growing pauses, and gives up in the end.
    mutating func retry(at now: Instant, into effects: inout [Effect]) {
        for (index, node) in attempts {
            guard let attempt = peers[node]?.attempt, attempt.index == index else {
                attempts[index] = nil
                continue
            }
            guard attempt.nextTry <= now else { continue }
            guard attempt.tries < limits.handshakeTries else {
                giveUp(node, into: &effects)
                continue
            }
            attempts[index] = nil
            initiate(node, tries: attempt.tries + 1, cookie: attempt.cookie, at: now, into: &effects)
        }
    }

    private mutating func giveUp(_ node: NodeID, into effects: inout [Effect]) {
        guard var peer = peers[node] else { return }
        if let attempt = peer.attempt { attempts[attempt.index] = nil }
        counters.undeliverable += UInt64(peer.waiting.count)
        peer.attempt = nil
        peer.waiting = []
        peers[node] = peer
        effects.append(.unreachable(node))
    }

    mutating func receiveCookie(_ cookie: Bytes32, to index: UInt32, at now: Instant, into effects: inout [Effect]) {
        // One per attempt: a second one would let anybody make us send.
        guard let node = attempts[index], var peer = peers[node], var attempt = peer.attempt,
            !attempt.hasCookie
        else { return counters.unknown += 1 }
        attempt.cookie = cookie
        attempt.hasCookie = true
        peer.attempt = attempt
        peers[node] = peer
        send(attempt, to: peer.endpoint, into: &effects)
    }

    mutating func receiveResponse(
        _ message: [UInt8], to index: UInt32, theirs: UInt32, from source: Endpoint, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let node = attempts[index], var peer = peers[node], let attempt = peer.attempt else {
            return counters.unknown += 1
        }
        var handshake = attempt.handshake
        guard (try? handshake.read(message.span.bytes)) == [], let channel = handshake.finish() else {
            return counters.forged += 1
        }
        attempts[index] = nil
        peer.attempt = nil
        // It read what was sent to where we know it; where this came from it has yet to show.
        peer.lastHeard = now
        sessions[index] = DatagramSession(
            channel, with: node, ourIndex: index, theirIndex: theirs, isInitiator: true, limits: limits, at: now)
        use(index, for: node, &peer, into: &effects)
        peers[node] = peer
        // Even an empty one: it shows the responder that we hold the keys and are where we say.
        if peer.waiting.isEmpty, var session = sessions[index] {
            seal([], on: &session, to: peer.endpoint, into: &effects)
            sessions[index] = session
        }
        flush(node, at: now, into: &effects)
        if source != peer.endpoint { probe(node, at: source, now, into: &effects) }
    }

    // MARK: - As responder

    mutating func receiveInitiation(
        _ message: [UInt8], index theirs: UInt32, cookie: Bytes32, from source: Endpoint, at now: Instant,
        into effects: inout [Effect]
    ) {
        switch stranger.judge(from: source, cookie: cookie, at: now) {
        case .admitted: break
        case .refused: return counters.limited += 1
        case .cookie(let cookie):
            counters.cookiesSent += 1
            effects.append(.send(DatagramForm.cookie(to: theirs, cookie).bytes, to: source))
            return
        }
        var handshake = NoiseHandshake(.ik, .responder, local: key, ephemeral: ephemeral(), prologue: prologue)
        guard let payload = try? handshake.read(message.span.bytes), let introduction = try? Introduction(payload),
            introduction.record.content.datagramKey == handshake.remoteStatic
        else { return counters.forged += 1 }
        guard !banned.forbids(introduction.record.node) else { return counters.banned += 1 }
        guard let record = verifier.verify(Claim(introduction.record, by: introduction.record.node.key)),
            record.value.node != self.record.node
        else { return counters.forged += 1 }
        accept(record, stated: introduction.time, handshake, theirs: theirs, from: source, at: now, into: &effects)
    }

    private mutating func accept(
        _ record: Verified<NodeRecord>, stated time: UInt64, _ handshake: consuming NoiseHandshake, theirs: UInt32,
        from source: Endpoint, at now: Instant, into effects: inout [Effect]
    ) {
        let content = record.value.content
        let last = peers[content.node]?.lastInitiation
        if let last, last.key == content.datagramKey, time <= last.time { return counters.replayed += 1 }
        if let half = halfOpen[content.node], half.record.value.content.datagramKey == content.datagramKey,
            time <= half.stated
        {
            return counters.replayed += 1
        }
        forgetHalfOpen(content.node)
        makeRoomForHalfOpen()
        var message: [UInt8] = []
        var finished = handshake
        guard (try? finished.write([], into: &message)) != nil, let channel = finished.finish() else {
            return counters.forged += 1
        }
        let ours = freshIndex()
        sessions[ours] = DatagramSession(
            channel, with: content.node, ourIndex: ours, theirIndex: theirs, isInitiator: false, limits: limits,
            at: now)
        halfOpen[content.node] = HalfOpen(session: ours, record: record, source: source, stated: time)
        effects.append(.send(DatagramForm.response(to: theirs, index: ours, message: message).bytes, to: source))
    }

    /// Whoever means it shows so within a round trip; the oldest has had the most time.
    private mutating func makeRoomForHalfOpen() {
        guard halfOpen.count >= limits.halfOpen else { return }
        counters.full += 1
        func made(_ half: HalfOpen) -> Instant { sessions[half.session]?.made ?? .origin }
        if let oldest = halfOpen.min(by: { made($0.value) < made($1.value) }) { forgetHalfOpen(oldest.key) }
    }

    /// A session was confirmed by its initiator: from now on it is the one we send on.
    mutating func use(
        _ index: UInt32, for node: NodeID, _ peer: inout DatagramPeer, into effects: inout [Effect]
    ) {
        counters.sessions += 1
        if peer.current == nil { effects.append(.opened(node, peer.endpoint)) }
        if let oldest = peer.previous { sessions[oldest] = nil }
        peer.previous = peer.current
        peer.current = index
    }

    private mutating func ephemeral() -> SharedAgreementKey {
        SharedAgreementKey(AgreementKey(seed: Seed(known: secrets.next())))
    }

    private mutating func freshIndex() -> UInt32 {
        while true {
            let index = UInt32(truncatingIfNeeded: secrets.word())
            if sessions[index] == nil, !attempts.contains(index) { return index }
        }
    }
}
