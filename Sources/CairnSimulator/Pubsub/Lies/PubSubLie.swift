import CairnBase
import CairnGossip
import CairnWire

/// How one lying node lies: its core is honest, and the lie decides what becomes of what the core says.
struct PubSubLie: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case silent, censor, flash, announcer, grafter, poisoner, replayer, forger, garbler
    }

    private var behaviour: any PubSubBehaviour

    init(_ kind: Kind, random: SeededRandom) {
        behaviour =
            switch kind {
            case .silent: SilentForwarder()
            case .censor: Censor()
            case .flash: CovertFlash()
            case .announcer: AnnouncementSpammer(random: random)
            case .grafter: GraftFlooder()
            case .poisoner: ExchangePoisoner()
            case .replayer: Replayer(random: random)
            case .forger: Forger(random: random)
            case .garbler: Garbler()
            }
    }

    /// The frames that leave in place of an envelope.
    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at now: Instant
    ) -> [[UInt8]] {
        behaviour.speak(envelope, in: world, as: liar, at: now)
    }

    mutating func overhear(_ envelope: GossipEnvelope) { behaviour.overhear(envelope) }
}

/// One way to lie.
protocol PubSubBehaviour: Sendable {
    mutating func speak(
        _ envelope: GossipEnvelope, in world: PubSubWorld, as liar: ProcessID, at now: Instant
    ) -> [[UInt8]]
    mutating func overhear(_ envelope: GossipEnvelope)
}

extension PubSubBehaviour {
    mutating func overhear(_: GossipEnvelope) {}
}

extension GossipEnvelope {
    /// The same with some messages only; nothing when that leaves nothing.
    func keeping(_ isKept: (GossipMessage) -> Bool) -> [[UInt8]] {
        var copy = self
        copy.messages.removeAll { !isKept($0) }
        return copy.isEmpty ? [] : [copy.encoded]
    }
}
