import CairnBase
import CairnGossip
import CairnWire

/// Announces what does not exist, with everything it says, and never gives what it is asked for.
struct AnnouncementSpammer: PubSubBehaviour {
    var random: SeededRandom

    mutating func speak(
        _ envelope: GossipEnvelope, in _: PubSubWorld, as _: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        var copy = envelope
        copy.messages = []
        for _ in 0..<50 {
            var writer = ByteWriter(capacity: 8)
            writer.u64(random.next())
            copy.announced.append(
                .init(
                    topic: PubSubWorld.topic, ids: [MessageID(PubSubWorld.topic, writer.bytes, using: PubSubWorld.hash)]
                ))
        }
        return [copy.encoded]
    }
}
