import CairnBase
import CairnGossip

/// Publishes what breaks the application's rules, and now and then bytes that are no envelope.
struct Garbler: PubSubBehaviour {
    private var count: UInt64 = 0

    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        count += 1
        switch count % 8 {
        case 1: return [envelope.encoded, [0xff, 0xff, 0xff]]
        case 2:
            // Signed well, in its own name, with content that names another.
            let other = Publication(
                author: (liar.index + 1) % world.nodes.count, incarnation: 0, number: 1 << 40 + count, filling: 9)
            var copy = envelope
            copy.messages.append(world.message(other, by: liar.index))
            return [copy.encoded]
        default: return [envelope.encoded]
        }
    }
}
