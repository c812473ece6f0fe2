import CairnBase

/// Who is there and what they subscribe to.
extension PubSub {
    mutating func join(_ peer: NodeID, _ traits: PubSubPeer) {
        guard peer != node, !peers.contains(peer) else { return }
        peers[peer] = PeerState(traits: traits)
        if traits.version == .floodsub { floodsub.insert(peer) }
        score.join(peer, from: traits.endpoint)
        if traits.isOfOurs { score.introduce(peer) }
        for (topic, state) in topics where state.isSubscribed { say(topic, isOn: true, to: peer) }
    }

    mutating func introduce(_ peer: NodeID) {
        guard peers.contains(peer) else { return }
        peers.mutate(peer) { $0.traits.isOfOurs = true }
        score.introduce(peer)
    }

    mutating func leave(_ peer: NodeID, at now: Instant) {
        guard peers.removeValue(forKey: peer) != nil else { return }
        for topic in topics.keys {
            topics.mutate(topic) {
                $0.subscribers.remove(peer)
                $0.mesh.remove(peer)
                $0.fanout.remove(peer)
            }
        }
        floodsub.remove(peer)
        outbox[peer] = nil
        promises.removeAll { $0.peer == peer }
        score.leave(peer, at: now)
    }

    mutating func subscribe(_ topic: Topic, _ shape: TopicSettings, at now: Instant) {
        let isNew = topics[topic]?.isSubscribed != true
        var state = topics[topic] ?? TopicState(shape: shape, isSubscribed: true)
        (state.shape, state.isSubscribed) = (shape, true)
        state.fanout.removeAll()
        topics[topic] = state
        guard isNew else { return }
        for peer in peers.keys { say(topic, isOn: true, to: peer) }
        fillMesh(topic, at: now)
    }

    mutating func unsubscribe(_ topic: Topic, at now: Instant) {
        guard let state = topics[topic], state.isSubscribed else { return }
        for peer in state.mesh { drop(peer, from: topic, at: now) }
        topics[topic]?.isSubscribed = false
        for peer in peers.keys { say(topic, isOn: false, to: peer) }
    }

    private mutating func say(_ topic: Topic, isOn: Bool, to peer: NodeID) {
        outbox[peer, default: GossipEnvelope()].subscriptions.append(.init(topic: topic, isOn: isOn))
    }

    mutating func receive(
        _ envelope: GossipEnvelope, from peer: NodeID, at now: Instant, into effects: inout [Effect]
    ) {
        guard peers.contains(peer) else { return }
        let standing = score.value(of: peer)
        guard standing >= settings.score.graylistThreshold else { return counters.graylisted += 1 }
        counters.excess += UInt64(envelope.excess)
        counters.offeredPeers += UInt64(envelope.offeredPeers)
        if envelope.refusedMessages > 0 {
            counters.malformed += UInt64(envelope.refusedMessages)
            for _ in 0..<min(envelope.refusedMessages, 8) { score.sentInvalid(peer, .malformed) }
        }
        for subscription in envelope.subscriptions { note(subscription, of: peer, at: now) }
        refuse(envelope.unwanted, by: peer)
        for message in envelope.messages { take(message, from: peer, at: now, into: &effects) }
        hearAnnouncements(envelope.announced, from: peer, standing, at: now)
        serve(envelope.wanted, to: peer, standing)
        for prune in envelope.prunes { pruned(prune, by: peer, at: now) }
        for topic in envelope.grafts { grafted(topic, by: peer, standing, at: now) }
    }

    private mutating func note(_ subscription: GossipEnvelope.Subscription, of peer: NodeID, at now: Instant) {
        let topic = subscription.topic
        guard let state = topics[topic] else { return counters.foreign += 1 }
        guard subscription.isOn else {
            topics.mutate(topic) { _ = $0.subscribers.remove(peer) }
            if state.mesh.contains(peer) {
                topics[topic]?.mesh.remove(peer)
                score.prune(peer)
            }
            return
        }
        topics.mutate(topic) { _ = $0.subscribers.insert(peer) }
        if state.isSubscribed, state.mesh.count < settings.meshAtOnce {
            fillMesh(topic, upTo: settings.meshAtOnce, at: now)
        }
    }
}
