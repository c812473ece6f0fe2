internal import CairnBase
internal import CairnGossip
internal import CairnTransport
internal import CairnWire

/// What a node tells about its connections and its network.
extension NodeShell {
    var peerRoutes: [HTTPRoute] {
        [
            HTTPRoute(
                .get, "/v1/peers", as: "node.peers", "Connections to peers, wanted ones, and how the last ones ended."
            ) {
                [unowned self] _ in
                let peers = network?.status ?? []
                return .json([
                    "schema": "cairn.peers/1", "node": .string(id.peerID),
                    "peers": .array(peers.map { $0.json(at: loop.now) }),
                    "book": addresses?.document ?? .null,
                    "reachability": reachability?.document ?? .null,
                ])
            },
            HTTPRoute(
                .get, "/v1/pubsub", as: "node.pubsub",
                "Topics and their meshes, and what each peer's behaviour has earned it."
            ) {
                [unowned self] _ in
                .json(pubSub?.document ?? PubSubShell.empty(for: id))
            },
            HTTPRoute(.get, "/v1/net", as: "node.net", "Which network the node is on, and where others reach it.") {
                [unowned self] _ in
                .json([
                    "schema": "cairn.net/1", "network": .string(configuration.network),
                    "chain": .string(configuration.chain.description),
                    "protocol": JSON(PeerHello.version), "node": .string(id.peerID),
                    "address": .string((Multiaddr.tcp(listenEndpoint)?.description ?? "") + "/p2p/\(id.peerID)"),
                    "listen": .string(listenEndpoint.description),
                    "reachability": reachability?.document ?? .null,
                    "port_mapping": portMapping?.document ?? PortMappingShell.switchedOff,
                    "seeds": seeds?.document ?? .null,
                ])
            },
        ]
    }

    /// Copies what the peer network counts into the metrics.
    func collectPeerMetrics() {
        guard let network else { return }
        for (phase, count) in network.census { metrics.connections[phase].set(Int64(count)) }
        let counters = network.counters
        metrics.dials.raise(to: counters.dialled)
        metrics.arrivals["admitted"].raise(to: counters.admitted)
        for (reason, count) in counters.refused { metrics.arrivals[reason].raise(to: count) }
        for (reason, count) in counters.parted { metrics.partings[reason].raise(to: count) }
        metrics.partings["misfit-hello"].raise(to: counters.misfits)
        metrics.refusedMessages.raise(to: counters.refusedMessages)
        metrics.questions["asked"].raise(to: counters.questions)
        metrics.questions["cancelled"].raise(to: counters.cancelledQuestions)
        metrics.questions["failed"].raise(to: counters.failedQuestions)
        metrics.nearness.collect(
            (mesh?.membership.members ?? [:]).compactMap(\.value.roundTrip), clockOffset)
        metrics.heldBytes.set(Int64(network.heldBytes))
        if let pubSub { metrics.collect(pubSub) }
        if let reachability { metrics.reachability.collect(reachability) }
        metrics.reachability.portMapping.collect(portMapping)
    }
}
