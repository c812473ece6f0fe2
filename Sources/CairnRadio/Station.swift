public import CairnBase

/// One radio as it really is, whatever its owner says of it.
public struct Station: Sendable, Hashable {
    public let eui: UInt64
    public let position: Position
    /// Of the antenna, in tenths of a decibel.
    public let gain: Int16
    public let behaviour: Behaviour

    /// What its owner has done to it. All but the first are what attackers do.
    public enum Behaviour: Sendable, Hashable {
        case honest
        /// Hears and sends so much less, in hundredths of a decibel: to seem far away.
        case attenuated(by: Int64)
        /// Reports this strength, whatever it measures, in tenths of a decibel above a milliwatt.
        case rewriting(to: Int16)
        /// Reports late what it heard.
        case late(by: TimeSpan)
        /// Takes orders to send and does not send.
        case mute
        /// Reports everything twice.
        case replaying
    }

    public init(eui: UInt64, position: Position, gain: Int16 = 0, behaviour: Behaviour = .honest) {
        self.eui = eui
        self.position = position
        self.gain = gain
        self.behaviour = behaviour
    }
}

/// What the air does, in whole numbers.
public struct AirRules: Sendable, Hashable {
    /// Of path loss over distance, in tenths: 20 in free space, 27 to 35 among houses.
    public var exponent: Int64 = 29
    /// How much the path between two places differs from the rule, in hundredths of a decibel: one standard deviation.
    public var shadow: Int64 = 400
    /// How much one frame differs from the next.
    public var fading: Int64 = 200
    /// Of the receiver and its surroundings, in hundredths of a decibel above a milliwatt.
    public var noise: Int64 = -11_700

    public init() {}
}
