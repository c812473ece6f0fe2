import CairnBase

/// Messages: from whom they are taken, what becomes of them, and to whom they go on.
extension PubSub {
    mutating func publish(_ message: GossipMessage, at now: Instant) {
        guard !isKnown(message.id) else { return counters.duplicates += 1 }
        counters.published += 1
        wants[message.id] = nil
        seen.insert(message.id, at: now)
        cache.insert(message)
        // What is small goes to everybody who wants it: nobody in between can hold it back.
        let isSmall = message.data.count <= settings.quietLimit
        if isSmall {
            spread(message, to: subscribers(message.topic), except: [])
        } else {
            spread(message, to: meshOrFanout(message.topic, at: now), except: [])
        }
    }

    private func subscribers(_ topic: Topic) -> [NodeID] {
        topics[topic]?.subscribers.elements ?? []
    }

    /// Without copying the topic's state, for what is asked with every message.
    mutating func takesPart(in topic: Topic) -> Bool { topics.mutate(topic) { $0.isSubscribed } == true }

    /// The mesh, or peers chosen for a while where we are not subscribed.
    private mutating func meshOrFanout(_ topic: Topic, at now: Instant) -> [NodeID] {
        guard let state = topics[topic] else { return subscribers(topic) }
        guard !state.isSubscribed || state.mesh.isEmpty else { return withFloodsub(state.mesh.elements, topic) }
        var fanout = state.fanout
        var others = subscribers(topic).filter {
            !fanout.contains($0) && score.value(of: $0) >= settings.score.publishThreshold
        }
        others.shuffle(using: &random)
        for peer in others.prefix(max(state.shape.degree - fanout.count, 0)) { fanout.insert(peer) }
        topics[topic]?.fanout = fanout
        topics[topic]?.fanoutUntil = now + settings.fanoutTime
        return fanout.elements
    }

    private func withFloodsub(_ mesh: [NodeID], _ topic: Topic) -> [NodeID] {
        guard !floodsub.isEmpty, let subscribers = topics[topic]?.subscribers else { return mesh }
        return mesh + floodsub.filter { subscribers.contains($0) && !mesh.contains($0) }
    }

    /// A message of a peer: the cheapest questions first, the signature last.
    mutating func take(
        _ message: GossipMessage, from peer: NodeID, at now: Instant, into effects: inout [Effect]
    ) {
        guard takesPart(in: message.topic) else { return counters.foreign += 1 }
        guard !seen.contains(message.id) else { return counters.duplicates += 1 }
        guard message.author != node else { return counters.echoes += 1 }
        if var entry = pending[message.id] {
            counters.duplicates += 1
            if entry.message == message {
                if entry.holders.count < settings.limits.repeatedHolders { entry.holders.append(peer) }
            } else if entry.alternates.count < settings.limits.alternates, peer != entry.from {
                entry.alternates.append((message, peer))
            }
            pending[message.id] = entry
            return
        }
        guard pending.count < settings.limits.pending,
            pendingBytes + message.encoded.count <= settings.limits.pendingBytes
        else { return crowdOut(message.id, of: [peer]) }
        wants[message.id] = nil
        pending[message.id] = PendingMessage(message: message, from: peer, since: now)
        pendingBytes += message.encoded.count
        if message.data.count > settings.quietLimit { quiet(message, from: peer) }
        effects.append(.judge(message, from: peer))
    }

    /// That we have no room for it breaks nobody's promise to give it.
    private mutating func crowdOut(_ id: MessageID, of peers: [NodeID]) {
        counters.crowded += 1
        promises.removeAll { $0.id == id && peers.contains($0.peer) }
    }

    mutating func judged(
        _ id: MessageID, _ judgement: MessageJudgement, at now: Instant, into effects: inout [Effect]
    ) {
        guard var entry = pending.removeValue(forKey: id) else { return }
        pendingBytes -= entry.message.encoded.count
        switch judgement {
        case .accept:
            counters.accepted += 1
            seen.insert(id, at: now)
            score.delivered(entry.from)
            cache.insert(entry.message)
            let senders = [entry.from] + entry.holders + entry.alternates.map(\.from)
            spread(entry.message, to: withFloodsub(mesh(of: entry.message.topic), entry.message.topic), except: senders)
        case .ignore:
            counters.ignored += 1
            seen.insert(id, at: now)
        case .overloaded: crowdOut(id, of: [entry.from] + entry.holders)
        case .reject:
            counters.rejected += 1
            seen.insert(id, at: now)
            for peer in [entry.from] + entry.holders { blame(peer, for: entry.message, .rejected) }
            for (message, peer) in entry.alternates { blame(peer, for: message, .rejected) }
        case .forged:
            counters.forged += 1
            for peer in [entry.from] + entry.holders { blame(peer, for: entry.message, .forged) }
            guard !entry.alternates.isEmpty else { return }
            (entry.message, entry.from) = entry.alternates.removeFirst()
            entry.holders = []
            pending[id] = entry
            pendingBytes += entry.message.encoded.count
            effects.append(.judge(entry.message, from: entry.from))
        }
    }

    private mutating func blame(_ peer: NodeID, for message: GossipMessage, _ fault: PeerScore.Fault) {
        score.sentInvalid(peer, fault, isOwn: message.author == peer)
    }

    /// What the edge never answered must not fill the room of others.
    mutating func expirePending(at now: Instant) {
        let late = pending.filter { now.since($0.value.since) >= settings.limits.judgingTime }
        for (id, entry) in late {
            pending[id] = nil
            pendingBytes -= entry.message.encoded.count
        }
    }

    /// Sends a message on. Of a large one only some get it at once; the others hear that it is here.
    private mutating func spread(_ message: GossipMessage, to targets: [NodeID], except senders: [NodeID]) {
        var open = targets.filter { peer in
            !senders.contains(peer) && peer != message.author
                && score.value(of: peer) >= settings.score.publishThreshold
                && peers[peer]?.unwanted.contains(message.id) == false
        }
        var told: [NodeID] = []
        if message.data.count > settings.eagerLimit, open.count > settings.eagerCopies {
            open.shuffle(using: &random)
            told = open[settings.eagerCopies...].filter { (peers[$0]?.traits.version ?? .floodsub) > .floodsub }
            open = Array(open.prefix(settings.eagerCopies))
        }
        counters.forwarded += UInt64(open.count)
        for peer in open { outbox[peer, default: GossipEnvelope()].messages.append(message) }
        for peer in told { outbox[peer, default: GossipEnvelope()].announce(message.id, of: message.topic) }
    }
}
