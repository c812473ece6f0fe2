import CairnBase
import CairnGossip

/// Takes part in everything and passes nothing on: the sybil of a flood, and half of an eclipse.
struct SilentForwarder: PubSubBehaviour {
    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        var copy = envelope
        copy.announced = []
        return copy.keeping { $0.author == world.nodes[liar.index] }
    }
}
