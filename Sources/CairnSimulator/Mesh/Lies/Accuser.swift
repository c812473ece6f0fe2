import CairnBase
import CairnGossip
import CairnWire

/// Says of everybody, with every datagram, that it is silent. Nobody may be dead for that.
struct Accuser: MembershipBehaviour {
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        let members = liar.core.members.map(\.value)
        guard !members.isEmpty else { return [message] }
        let victim = members[Int(random.below(UInt64(members.count)))].record
        let lie = MembershipMessage.Suspicion(
            subject: victim.node.shortNumber, sequence: victim.content.sequence, isFirstHand: true)
        return [message, .suspicion(lie)]
    }
}
