import CairnBase
import CairnGossip

/// Asks for much with little: an errand, all records and a comparison with an empty view, with every ping.
struct Amplifier: MembershipBehaviour {
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        guard case .ping = message else { return [message] }
        let world = liar.world
        let victim = world.nodes[Int(random.below(UInt64(world.nodes.count)))]
        let number = UInt32(truncatingIfNeeded: random.next())
        return [
            message, .probe(number: number, subject: victim),
            .want(world.nodes.prefix(64).map(\.shortNumber)), .digest(ViewDigest()),
        ]
    }
}
