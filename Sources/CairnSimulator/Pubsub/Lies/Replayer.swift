import CairnBase
import CairnGossip

/// Says everything it ever heard again and again.
struct Replayer: PubSubBehaviour {
    var random: SeededRandom
    private var heard: [GossipMessage] = []

    init(random: SeededRandom) { self.random = random }

    mutating func speak(
        _ envelope: GossipEnvelope, in _: PubSubWorld, as _: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        var copy = envelope
        for _ in 0..<min(heard.count, 5) { copy.messages.append(heard[Int(random.below(UInt64(heard.count)))]) }
        return [copy.encoded]
    }

    mutating func overhear(_ envelope: GossipEnvelope) {
        heard += envelope.messages
        if heard.count > 500 { heard.removeFirst(heard.count - 500) }
    }
}
