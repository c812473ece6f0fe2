internal import CairnBase
internal import CairnCrypto
internal import CairnWire

/// What a datagram may cause.
extension DatagramPlane {
    mutating func receive(_ bytes: [UInt8], from source: Endpoint, at now: Instant, into effects: inout [Effect]) {
        guard bytes.count >= limits.smallest, bytes.count <= limits.largest, source.port != 0,
            source.address.isReachable, let form = try? DatagramForm(bytes.span.bytes)
        else { return counters.malformed += 1 }
        guard !banned.forbids(source) else { return counters.banned += 1 }
        switch form {
        case .sealed(let index, let count):
            open(bytes, index: index, count: count, from: source, at: now, into: &effects)
        case .initiation(let index, let cookie, let message):
            receiveInitiation(message, index: index, cookie: cookie, from: source, at: now, into: &effects)
        case .response(let index, let theirs, let message):
            receiveResponse(message, to: index, theirs: theirs, from: source, at: now, into: &effects)
        case .cookie(let index, let cookie):
            receiveCookie(cookie, to: index, at: now, into: &effects)
        case .question(let network, let nonce):
            guard network == self.network else { return counters.foreign += 1 }
            guard stranger.admits(source, at: now) else { return counters.limited += 1 }
            counters.answersSent += 1
            effects.append(.send(DatagramForm.answer(nonce: nonce, record).bytes, to: source))
        case .answer(let nonce, let record):
            receiveAnswer(record, nonce: nonce, from: source, into: &effects)
        }
    }

    private mutating func receiveAnswer(
        _ record: NodeRecord, nonce: UInt64, from source: Endpoint, into effects: inout [Effect]
    ) {
        guard let question = questions[nonce], question.endpoint == source else { return counters.unknown += 1 }
        questions[nonce] = nil
        guard record.content.network == network else { return counters.foreign += 1 }
        guard !banned.forbids(record.node) else { return counters.banned += 1 }
        guard let verified = verifier.verify(Claim(record, by: record.node.key)) else { return counters.forged += 1 }
        guard record.node != self.record.node else { return }
        effects.append(.introduced(verified, at: source))
    }

    private mutating func open(
        _ bytes: [UInt8], index: UInt32, count: UInt64, from source: Endpoint, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard var session = sessions[index], !session.isDead(limits, at: now) else { return counters.unknown += 1 }
        let half = halfOpen[session.peer].flatMap { $0.session == index ? $0 : nil }
        guard var peer = peers[session.peer] ?? half.map({ DatagramPeer($0, at: now) }) else {
            return counters.unknown += 1
        }
        guard !session.hasSeen(count) else { return counters.replayed += 1 }
        let second = now.nanoseconds / 1_000_000_000
        if peer.opened.second != second { peer.opened = (second, 0) }
        guard peer.opened.count < limits.perSecondFromPeer else { return counters.limited += 1 }
        guard let plain = session.open(bytes.span.bytes, count: count) else { return counters.forged += 1 }
        let node = session.peer
        if half != nil, !peers.contains(node), !makeRoom(at: now) { return forgetHalfOpen(node) }
        sessions[index] = session
        counters.opened += 1
        peer.lastHeard = now
        peer.opened.count += 1
        if let half {
            // The initiator reads what is sent to where it spoke from: the response went there.
            halfOpen[node] = nil
            peer.endpoint = half.source
            peer.lastInitiation = (half.record.value.content.datagramKey, half.stated)
            use(index, for: node, &peer, into: &effects)
            effects.append(.introduced(half.record, at: half.source))
            flushLater(node)
        }
        peers[node] = peer
        guard let messages = try? SealedDatagram.messages(plain.span.bytes) else { return counters.malformed += 1 }
        for message in messages {
            receive(message, from: node, at: source, on: index, now, into: &effects)
        }
        if source != peers[node]?.endpoint { probe(node, at: source, now, into: &effects) }
    }

    private mutating func receive(
        _ message: DatagramMessage, from node: NodeID, at source: Endpoint, on index: UInt32, _ now: Instant,
        into effects: inout [Effect]
    ) {
        switch message.kind {
        case .pathQuestion:
            guard message.body.count == 16, var session = sessions[index] else { return counters.malformed += 1 }
            // To where it was asked from, not to where we believe the peer to be.
            seal([DatagramMessage(.pathAnswer, message.body)], on: &session, to: source, into: &effects)
            sessions[index] = session
        case .pathAnswer:
            guard var peer = peers[node], let path = peer.path, path.question == message.body,
                path.endpoint == source
            else { return counters.unknown += 1 }
            peer.path = nil
            peer.endpoint = source
            peers[node] = peer
        case .vote, .membership:
            // Any source can be written on a datagram: it comes from where the peer has shown that it reads.
            guard let endpoint = peers[node]?.endpoint else { return }
            effects.append(.received(message, from: node, at: endpoint))
        }
    }

    /// Asks a peer that was heard from another address whether it is really there.
    mutating func probe(_ node: NodeID, at source: Endpoint, _ now: Instant, into effects: inout [Effect]) {
        guard var peer = peers[node], let index = peer.current, var session = sessions[index] else { return }
        if let path = peer.path, now.since(path.asked) < .seconds(1) { return }
        let question = Array(secrets.next().bytes.prefix(16))
        peer.path = DatagramPeer.Path(endpoint: source, question: question, asked: now)
        seal([DatagramMessage(.pathQuestion, question)], on: &session, to: source, into: &effects)
        sessions[index] = session
        peers[node] = peer
    }
}
