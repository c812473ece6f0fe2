import CairnBase
import CairnGossip

/// Passes others' messages on with spoilt signatures, hoping that the good ones then count as seen, and invents some in
/// others' names.
struct Forger: PubSubBehaviour {
    var random: SeededRandom

    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        var copy = envelope
        copy.messages = envelope.messages.map { message in
            guard message.author != world.nodes[liar.index] else { return message }
            return GossipMessage(
                message.topic, message.data, by: message.author, sequence: message.sequence, using: PubSubWorld.hash
            ) { _ in Signature(r: .zero, s: .zero) }
        }
        if random.below(4) == 0 {
            let victim = Int(random.below(UInt64(world.nodes.count)))
            let number = 1 << 40 + random.below(1 << 20)
            let invented = Publication(author: victim, incarnation: 0, number: number, filling: 9)
            copy.messages.append(
                GossipMessage(
                    PubSubWorld.topic, invented.data, by: world.nodes[victim], sequence: number, using: PubSubWorld.hash
                ) { world.scheme.signingKey(liar.index).sign($0) })
        }
        return [copy.encoded]
    }
}
