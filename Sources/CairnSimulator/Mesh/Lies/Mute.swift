import CairnBase
import CairnGossip

/// Listens to everything and answers nothing, so that it is suspected again and again.
struct Mute: MembershipBehaviour {
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        switch message {
        case .acknowledgement, .probed: []
        default: [message]
        }
    }
}
