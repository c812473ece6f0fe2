import CairnBase

/// The meshes: whom they hold, and who is taken in and let go.
extension PubSub {
    mutating func heartbeat(at now: Instant) {
        beats += 1
        score.decay(after: settings.heartbeat, at: now)
        seen.advance(to: now)
        expirePromises(at: now)
        expirePending(at: now)
        let oldest = beats >= 3 ? beats - 3 : 0
        peers.mutateAll { _, peer in
            (peer.announcements, peer.asked, peer.refusals, peer.servedBytes) = (0, 0, 0, 0)
            if !peer.unwanted.isEmpty { peer.unwanted.removeAll { _, beat in beat < oldest } }
        }
        for topic in topics.keys {
            topics[topic]?.backoffs.removeAll { _, backoff in now >= backoff.until + settings.hastyGraft }
            tend(topic, at: now)
            announce(topic, at: now)
        }
        cache.shift()
    }

    private mutating func tend(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic], state.isSubscribed else { return endFanout(topic, at: now) }
        for peer in state.mesh where score.value(of: peer) < 0 { drop(peer, from: topic, at: now) }
        fillMesh(topic, at: now)
        if let mesh = topics[topic]?.mesh, mesh.count > state.shape.high { thin(topic, mesh, state.shape, at: now) }
        addOutbound(topic, at: now)
        if beats.isMultiple(of: settings.improveEvery) { improve(topic, at: now) }
    }

    private mutating func endFanout(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic], !state.fanout.isEmpty, now >= state.fanoutUntil else { return }
        topics[topic]?.fanout.removeAll()
    }

    /// Who could be taken into a mesh, in random order.
    private mutating func candidates(_ topic: Topic, at now: Instant) -> [NodeID] {
        guard let state = topics[topic] else { return [] }
        var found: [NodeID] = []
        for peer in state.subscribers {
            guard !floodsub.contains(peer), !state.mesh.contains(peer), now >= state.backoffs[peer]?.until ?? now,
                score.value(of: peer) >= 0
            else { continue }
            found.append(peer)
        }
        found.shuffle(using: &random)
        return found
    }

    /// Brings a mesh that is too small to its degree: the nearest first until there are enough near ones, then whom
    /// chance gives.
    mutating func fillMesh(_ topic: Topic, upTo limit: Int = .max, at now: Instant) {
        guard let state = topics[topic], state.isSubscribed, state.mesh.count < state.shape.low else { return }
        var others = candidates(topic, at: now)
        let missing = min(state.shape.degree, limit) - state.mesh.count
        // Whoever is in the mesh already and is not among the nearest is there by chance.
        let nearest = nearest(state.mesh.elements + others, state.shape.near).filter { !state.mesh.contains($0) }
            .prefix(missing)
        for peer in nearest { graft(peer, topic) }
        others.removeAll { nearest.contains($0) }
        for peer in others.prefix(missing - nearest.count) { graft(peer, topic) }
    }

    func distance(_ peer: NodeID) -> TimeSpan { peers[peer]?.traits.roundTrip ?? .seconds(10) }

    /// The nearest of some peers, among equals in the order given.
    private func nearest(_ peers: [NodeID], _ count: Int) -> [NodeID] {
        let ranked = peers.enumerated().sorted {
            (distance($0.element), $0.offset) < (distance($1.element), $1.offset)
        }
        return ranked.prefix(count).map(\.element)
    }

    private func isOutbound(_ peer: NodeID) -> Bool { peers[peer]?.traits.isOutbound ?? false }

    private mutating func thin(_ topic: Topic, _ mesh: OrderedSet<NodeID>, _ shape: TopicSettings, at now: Instant) {
        var others = mesh.elements
        others.shuffle(using: &random)
        var kept = OrderedSet(nearest(others, min(shape.near, shape.degree - 1)))
        let chosen = others.filter { !kept.contains($0) && isOutbound($0) }
        let missing = max(shape.outbound - kept.count(where: { isOutbound($0) }), 0)
        for peer in chosen.prefix(missing) { kept.insert(peer) }
        // Of the others those stay that have done most.
        let rest = others.filter { !kept.contains($0) }.map { (peer: $0, worth: score.value(of: $0)) }
        for (peer, _) in rest.sorted(by: { $0.worth > $1.worth }).prefix(max(shape.degree - kept.count, 0)) {
            kept.insert(peer)
        }
        for peer in mesh where !kept.contains(peer) { drop(peer, from: topic, at: now) }
    }

    private mutating func addOutbound(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic] else { return }
        let missing = state.shape.outbound - state.mesh.count { isOutbound($0) }
        guard missing > 0, state.mesh.count >= state.shape.low else { return }
        for peer in candidates(topic, at: now).filter({ isOutbound($0) }).prefix(missing) { graft(peer, topic) }
    }

    /// Now and then one peer that is much nearer, or one that does better than the middle of the mesh.
    private mutating func improve(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic], state.mesh.count >= state.shape.low, state.mesh.count < state.shape.high
        else { return }
        let others = candidates(topic, at: now)
        let held = nearest(state.mesh.elements, state.shape.near)
        guard let farthest = held.last, let best = nearest(others, 1).first else { return }
        if distance(best) * 4 < distance(farthest) * 3 {
            graft(best, topic)
            // It takes the place of the last of the near ones. Whoever is beyond them stays, lest meshes fall apart into
            // regions: a mesh that has only near ones grows by one instead.
            if state.mesh.count > state.shape.degree { drop(farthest, from: topic, at: now) }
            return
        }
        guard let middle = state.mesh.map({ score.value(of: $0) }).middle, middle <= settings.score.meshCap,
            beats.isMultiple(of: settings.improveEvery * 6)
        else { return }
        if let better = others.first(where: { score.value(of: $0) > middle }) { graft(better, topic) }
    }

    private mutating func graft(_ peer: NodeID, _ topic: Topic) {
        guard topics[topic]?.mesh.contains(peer) == false else { return }
        topics.mutate(topic) { _ = $0.mesh.insert(peer) }
        score.graft(peer)
        outbox[peer, default: GossipEnvelope()].grafts.append(topic)
    }

    /// Takes a peer out of a mesh and says so.
    mutating func drop(_ peer: NodeID, from topic: Topic, at now: Instant) {
        guard topics[topic]?.mesh.contains(peer) == true else { return }
        topics.mutate(topic) { _ = $0.mesh.remove(peer) }
        score.prune(peer)
        refuseGraft(peer, topic, at: now)
    }

    private mutating func refuseGraft(_ peer: NodeID, _ topic: Topic, at now: Instant) {
        let backoff = settings.limits.backoff
        keepAway(peer, topic, for: backoff, at: now)
        outbox[peer, default: GossipEnvelope()].prunes.append(.init(topic: topic, backoff: backoff))
    }

    private mutating func keepAway(_ peer: NodeID, _ topic: Topic, for span: TimeSpan, at now: Instant) {
        topics.mutate(topic) { state in
            if state.backoffs.count >= settings.limits.backoffs, !state.backoffs.contains(peer) {
                _ = state.backoffs.popFirst()
            }
            let until = now + span + settings.backoffSlack
            state.backoffs[peer] = Backoff(since: now, until: max(until, state.backoffs[peer]?.until ?? until))
        }
    }

    mutating func pruned(_ prune: GossipEnvelope.Prune, by peer: NodeID, at now: Instant) {
        guard topics.contains(prune.topic) else { return }
        if topics[prune.topic]?.mesh.contains(peer) == true {
            topics.mutate(prune.topic) { _ = $0.mesh.remove(peer) }
            score.prune(peer)
        }
        let asked = prune.backoff == .zero ? settings.limits.backoff : prune.backoff
        keepAway(peer, prune.topic, for: min(asked, settings.limits.longestBackoff), at: now)
    }

    mutating func grafted(_ topic: Topic, by peer: NodeID, _ standing: Int, at now: Instant) {
        // A graft for what we do not know gets no answer: an answer would help whoever floods us.
        guard let state = topics[topic], let known = peers[peer], known.traits.version > .floodsub else { return }
        guard state.isSubscribed, !state.mesh.contains(peer) else { return }
        topics.mutate(topic) { _ = $0.subscribers.insert(peer) }
        if let backoff = state.backoffs[peer], now < backoff.until {
            // Our slack is ours: a peer that counts exactly is not early.
            if now + settings.backoffSlack < backoff.until {
                counters.earlyGrafts += 1
                score.misbehaved(peer, .earlyGraft(isHasty: now.since(backoff.since) < settings.hastyGraft))
            }
            return refuseGraft(peer, topic, at: now)
        }
        guard standing >= 0, state.mesh.count < state.shape.high || known.traits.isOutbound else {
            return refuseGraft(peer, topic, at: now)
        }
        topics.mutate(topic) { _ = $0.mesh.insert(peer) }
        score.graft(peer)
    }
}
