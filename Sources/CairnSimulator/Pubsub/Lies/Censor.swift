import CairnBase
import CairnGossip

/// Passes on everything but what one node publishes.
struct Censor: PubSubBehaviour {
    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        let victim = world.nodes[(liar.index + 1) % world.nodes.count]
        return envelope.keeping { $0.author != victim }
    }
}
