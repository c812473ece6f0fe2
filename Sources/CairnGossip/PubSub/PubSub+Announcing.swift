import CairnBase

/// What is told instead of sent: which messages there are, which are wanted, which are not.
extension PubSub {
    /// Once per heartbeat: some of those outside the mesh hear what there was.
    mutating func announce(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic] else { return }
        var ids = cache.ids(of: topic)
        guard !ids.isEmpty else { return }
        if ids.count > settings.limits.announcedPerMessage {
            ids.shuffle(using: &random)
            ids.removeLast(ids.count - settings.limits.announcedPerMessage)
        }
        var others = state.subscribers.elements.filter {
            !state.mesh.contains($0) && !state.fanout.contains($0) && !floodsub.contains($0)
        }
        others.shuffle(using: &random)
        var left = max(settings.lazyDegree, others.count / settings.lazyShare)
        for peer in others where left > 0 && score.value(of: peer) >= settings.score.gossipThreshold {
            left -= 1
            for id in ids { outbox[peer, default: GossipEnvelope()].announce(id, of: topic) }
        }
    }

    mutating func hearAnnouncements(
        _ announced: [GossipEnvelope.Announcement], from peer: NodeID, _ standing: Int, at now: Instant
    ) {
        guard !announced.isEmpty else { return }
        // What a mesh peer tells of a large message at once comes far more often than once per heartbeat.
        let isMeshed = announced.contains { entry in topics.mutate(entry.topic) { $0.mesh.contains(peer) } == true }
        let limit = settings.limits.announcementsPerHeartbeat * (isMeshed ? settings.limits.meshAnnouncements : 1)
        peers.mutate(peer) { $0.announcements += 1 }
        guard standing >= settings.score.gossipThreshold, let known = peers[peer], known.announcements <= limit else {
            return counters.ignoredAnnouncements += 1
        }
        var room = settings.limits.announcedPerMessage - known.asked
        for announcement in announced where takesPart(in: announcement.topic) {
            for id in announcement.ids {
                note(id, heldBy: peer)
                guard room > 0, !isKnown(id) else { continue }
                if wants.contains(id) {
                    wants.mutate(id) { if $0.sources.count < 3, !$0.sources.contains(peer) { $0.sources.append(peer) } }
                } else if wants.count < settings.limits.wants {
                    wants[id] = Want(sources: [peer], askAt: now + settings.pullPause)
                    nextAsk = min(nextAsk, now + settings.pullPause)
                    room -= 1
                } else {
                    counters.ignoredAnnouncements += 1
                }
            }
        }
        peers.mutate(peer) { $0.asked = settings.limits.announcedPerMessage - room }
    }

    /// Asks for what was announced and did not come by itself.
    mutating func askForDue(at now: Instant) {
        guard now >= nextAsk else { return }
        nextAsk = .distantFuture
        for (id, want) in wants {
            guard want.askAt <= now else {
                nextAsk = min(nextAsk, want.askAt)
                continue
            }
            var sources = want.sources
            while let source = sources.first, !peers.contains(source) { sources.removeFirst() }
            guard let source = sources.first else {
                wants[id] = nil
                continue
            }
            sources.removeFirst()
            outbox[source, default: GossipEnvelope()].wanted.append(id)
            if promises.count < settings.limits.wants {
                promises.append(Promise(id: id, peer: source, until: now + settings.promiseTime))
            }
            wants[id] = Want(sources: sources, askAt: now + settings.retryPause)
            nextAsk = min(nextAsk, now + settings.retryPause)
        }
    }

    /// Who announced what it then did not give has misbehaved: once per heartbeat, however much it was.
    mutating func expirePromises(at now: Instant) {
        let due = promises.prefix { $0.until <= now }
        promises.removeFirst(due.count)
        var broken = OrderedSet<NodeID>()
        for promise in due where !isKnown(promise.id) { broken.insert(promise.peer) }
        for peer in broken {
            counters.brokenPromises += 1
            score.misbehaved(peer, .brokenPromise)
        }
    }

    mutating func serve(_ wanted: [MessageID], to peer: NodeID, _ standing: Int) {
        guard !wanted.isEmpty else { return }
        guard standing >= settings.score.gossipThreshold else { return counters.ignoredRequests += 1 }
        for id in wanted.prefix(settings.limits.announcedPerMessage) {
            guard let known = peers[peer], known.servedBytes < settings.limits.servedPerHeartbeat,
                let message = cache.take(id, for: peer, repeats: settings.limits.repeatsPerRequest)
            else {
                counters.ignoredRequests += 1
                continue
            }
            counters.served += 1
            peers.mutate(peer) { $0.servedBytes += message.encoded.count }
            outbox[peer, default: GossipEnvelope()].messages.append(message)
        }
    }

    /// Tells the mesh that a large message is here, while it is being judged.
    mutating func quiet(_ message: GossipMessage, from sender: NodeID) {
        guard let mesh = topics[message.topic]?.mesh else { return }
        for peer in mesh where peer != sender && peers[peer]?.traits.version == .gossipsub12 {
            outbox[peer, default: GossipEnvelope()].unwanted.append(message.id)
        }
    }

    mutating func refuse(_ ids: [MessageID], by peer: NodeID) {
        guard !ids.isEmpty else { return }
        peers.mutate(peer) { $0.refusals += 1 }
        guard let known = peers[peer], known.refusals <= settings.limits.refusalMessagesPerHeartbeat else {
            return counters.ignoredRefusals += 1
        }
        for id in ids { note(id, heldBy: peer) }
    }

    private mutating func note(_ id: MessageID, heldBy peer: NodeID) {
        peers.mutate(peer) {
            if $0.unwanted.count < settings.limits.unwantedPerPeer { $0.unwanted[id] = beats }
        }
    }
}
