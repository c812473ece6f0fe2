import CairnBase
import CairnGossip
import CairnWire

/// Prunes whomever it speaks to, for ever, and offers many peers that do not exist in its place.
struct ExchangePoisoner: PubSubBehaviour {
    private var count = 0

    mutating func speak(
        _ envelope: GossipEnvelope, in _: PubSubWorld, as _: ProcessID, at _: Instant
    ) -> [[UInt8]] {
        count += 1
        guard count.isMultiple(of: 4) else { return [envelope.encoded] }
        var writer = ProtobufWriter()
        writer.message(3) { control in
            control.message(4) { prune in
                prune.string(1, PubSubWorld.topic.name)
                for index in 0..<300 {
                    prune.message(2) { $0.bytes(1, [UInt8](repeating: UInt8(index & 255), count: 38)) }
                }
                prune.varint(3, .max)
            }
        }
        return [envelope.encoded, writer.bytes]
    }
}
