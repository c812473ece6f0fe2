/// What behaviour is worth. All figures are whole; points and counts are held in thousandths, decay is the share, in
/// parts per million, that is left after a heartbeat.
public struct ScoreSettings: Sendable {
    /// P1: points in thousandths for a second in a mesh, and the most there are.
    public var meshSecond = 10
    public var meshCap = 1_000
    /// P2: for being the first to bring a message that holds.
    public var firstDelivery = 100
    public var firstDeliveryCap = 10_000
    public var firstDeliveryDecay = 993_000
    /// P4: times the square of messages that do not hold.
    public var invalid = -4
    public var invalidDecay = 998_000
    /// P6: times the square of peers from one subnet beyond those that are normal.
    public var neighbour = -5
    public var neighboursAllowed = 8
    /// P7: times the square of broken promises, early grafts and unreadable envelopes beyond a few.
    public var misbehaviour = -1
    public var misbehavioursAllowed = 3
    public var misbehaviourDecay = 990_000
    /// Counts, in millionths, stop here, so that no square ever overflows.
    public var countCap = 1_000_000_000
    /// Invalid messages and unreadable envelopes, fading like the invalid, that make a peer an offender.
    public var provenOffences = 5
    /// Below this nothing is announced to a peer or taken from its announcements.
    public var gossipThreshold = -10_000
    /// Below this it is sent nothing of ours.
    public var publishThreshold = -50_000
    /// Below this nothing is heard from it.
    public var graylistThreshold = -80_000

    public init() {}
}
