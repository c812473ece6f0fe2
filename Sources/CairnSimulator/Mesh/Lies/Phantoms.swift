import CairnBase
import CairnGossip
import CairnWire

/// Tells of nodes that nobody runs, under keys of its own, and of others' records with times far ahead that they never
/// signed. Nobody may count a phantom as there.
struct Phantoms: MembershipBehaviour {
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        let world = liar.world
        // Keys beyond those of the servers and of their incarnations.
        let phantom = world.scheme.signingKey(1 << 50 + Int(random.below(1 << 40)))
        let made = phantom.record(
            datagramKey: phantom.publicKey.raw, sequence: MembershipWorld.unixStart,
            at: world.endpoint(Int(random.below(1_000))), on: world.chain)
        let victim = world.nodes[Int(random.below(UInt64(world.nodes.count)))]
        let forgedContent = NodeRecord.Content(
            chain: world.chain, node: victim, datagramKey: phantom.publicKey.raw, sequence: .max >> random.below(40),
            addresses: [world.endpoint(0)])
        let forged = NodeRecord(forgedContent, signature: made.signature)
        return [message, .record(made), .record(forged)]
    }
}
