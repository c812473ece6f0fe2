import CairnBase
import CairnGossip

/// Behaves well and earns points, then falls silent: the attack of those who bide their time.
struct CovertFlash: PubSubBehaviour {
    private static let patience = TimeSpan.seconds(10)

    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at now: Instant
    ) -> [[UInt8]] {
        guard now >= .origin + Self.patience else { return [envelope.encoded] }
        return envelope.keeping { $0.author == world.nodes[liar.index] }
    }
}
