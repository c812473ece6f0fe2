import CairnBase
import CairnGossip
import CairnWire

/// How one lying member lies: it hears what its node hears and decides what becomes of what it says.
struct MembershipLie: Sendable {
    enum Kind: CaseIterable, Sendable {
        case accuser, phantoms, replayer, falseWitness, mute, amplifier
    }

    private var behaviour: any MembershipBehaviour

    init(_ kind: Kind) {
        behaviour =
            switch kind {
            case .accuser: Accuser()
            case .phantoms: Phantoms()
            case .replayer: RecordReplayer()
            case .falseWitness: FalseWitness()
            case .mute: Mute()
            case .amplifier: Amplifier()
            }
    }

    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage] {
        behaviour.speak(message, as: liar, random: &random)
    }

    mutating func overhear(
        _ message: MembershipMessage, from: ProcessID, as liar: MembershipProcess, random: inout SeededRandom
    ) {
        behaviour.overhear(message, from: from, as: liar, random: &random)
    }
}

/// One way to lie.
protocol MembershipBehaviour: Sendable {
    /// What is said in place of what the honest core would have said.
    mutating func speak(
        _ message: MembershipMessage, as liar: MembershipProcess, random: inout SeededRandom
    ) -> [MembershipMessage]
    mutating func overhear(
        _ message: MembershipMessage, from: ProcessID, as liar: MembershipProcess, random: inout SeededRandom)
}

extension MembershipBehaviour {
    mutating func overhear(
        _: MembershipMessage, from _: ProcessID, as _: MembershipProcess, random _: inout SeededRandom
    ) {}
}
