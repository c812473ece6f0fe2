import CairnBase
import CairnGossip

/// As a helper it says the opposite of what it found; its digests and lists are those of an empty network.
struct FalseWitness: MembershipBehaviour {
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        switch message {
        case .probed(let number, let answered): [.probed(number: number, answered: !answered)]
        case .digest: [.digest(ViewDigest())]
        case .listing(let groups, _): [.listing(groups: groups, [])]
        default: [message]
        }
    }
}
