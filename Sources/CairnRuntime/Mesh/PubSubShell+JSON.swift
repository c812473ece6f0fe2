internal import CairnBase
internal import CairnCrypto
internal import CairnGossip
internal import CairnWire

/// What a node tells about publishing: its topics, and what each peer has earned.
extension PubSubShell {
    /// The document at `/v1/pubsub`. Scores are thousandths of points.
    var document: JSON {
        let topics = core.knownTopics.map { topic -> JSON in
            [
                "topic": .string(topic.name), "mesh": JSON(core.mesh(of: topic).count),
                "subscribers": JSON(core.subscribers(of: topic)),
            ]
        }
        return Self.document(of: core.node, topics, core.score.remembered.map { json(of: $0) })
    }

    /// That of a node that is part of no chain and publishes nothing.
    static func empty(for node: NodeID) -> JSON { document(of: node, [], []) }

    private static func document(of node: NodeID, _ topics: [JSON], _ peers: [JSON]) -> JSON {
        let limits = ScoreSettings()
        return [
            "schema": "cairn.pubsub/1", "node": .string(node.peerID),
            "thresholds": [
                "gossip": JSON(limits.gossipThreshold), "publish": JSON(limits.publishThreshold),
                "graylist": JSON(limits.graylistThreshold),
            ],
            "topics": .array(topics), "peers": .array(peers),
        ]
    }

    private func json(of node: NodeID) -> JSON {
        let (parts, deeds) = (core.score.parts(of: node), core.score.deeds(of: node))
        return [
            "node": .string(node.peerID), "name": .string(NodeName(of: node, using: Blake2b()).description),
            "version": .string(core.traits(of: node)?.version.rawValue ?? ""),
            "connected": .bool(core.traits(of: node) != nil),
            "mesh": JSON(core.knownTopics.count { core.mesh(of: $0).contains(node) }),
            "score": JSON(parts.total), "mesh_time": JSON(parts.meshTime),
            "first_deliveries": JSON(parts.firstDeliveries), "invalid": JSON(parts.invalid),
            "application": JSON(parts.application), "crowding": JSON(parts.crowding),
            "misbehaviour": JSON(parts.misbehaviour),
            "deeds": [
                "delivered": JSON(deeds.delivered), "rejected": JSON(deeds.rejected), "forged": JSON(deeds.forged),
                "malformed": JSON(deeds.malformed), "unreadable": JSON(deeds.unreadable),
                "broken_promises": JSON(deeds.brokenPromises), "early_grafts": JSON(deeds.earlyGrafts),
            ],
        ]
    }
}
