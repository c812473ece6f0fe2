import CairnRadio

/// What the owner of a gateway does to it, while it stays registered as it was: the switches of the radio simulator.
enum GatewayLie: CaseIterable, Sendable {
    /// Carries it thirty kilometres away.
    case elsewhere
    /// Sends nothing.
    case mute
    /// Says that it hears everything at one strength, which none of its neighbours can have.
    case rewriting

    var behaviour: Station.Behaviour {
        switch self {
        case .elsewhere: .honest
        case .mute: .mute
        case .rewriting: .rewriting(to: -100)
        }
    }
}
