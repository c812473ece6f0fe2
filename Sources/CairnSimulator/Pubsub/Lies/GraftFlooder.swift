import CairnBase
import CairnGossip

/// Asks to be taken into every mesh with everything it says, and takes no refusal.
struct GraftFlooder: PubSubBehaviour {
    mutating func speak(
        _ envelope: GossipEnvelope, in _: PubSubWorld, as _: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        var copy = envelope
        copy.prunes = []
        copy.grafts += [PubSubWorld.topic, Topic("/nobody/knows/1")]
        return [copy.encoded]
    }
}
