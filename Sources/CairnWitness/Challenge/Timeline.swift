public import CairnBase

/// When what may happen, in blocks after a challenge. Every node judges by its own newest block when a message arrives.
///
/// Senders stop one block before receivers do, so that two honest nodes a block apart still agree.
public struct Timeline: Sendable, Hashable {
    public let challenge: Height

    public init(_ challenge: Height) { self.challenge = challenge }

    public func height(_ blocks: UInt64) -> Height { challenge.advanced(by: blocks) }

    /// The beacon is on the air.
    public var transmit: ClosedRange<Height> { challenge...height(2) }
    /// Witnesses bind themselves to what they heard.
    public var commit: ClosedRange<Height> { challenge...height(4) }
    public var commitAccepted: ClosedRange<Height> { challenge...height(5) }
    /// The beaconer proves what it had to send. Not sooner: who knows it may still invent a receipt.
    public var beacon: ClosedRange<Height> { height(5)...height(7) }
    public var beaconAccepted: ClosedRange<Height> { height(5)...height(8) }
    /// Witnesses open what they bound themselves to.
    public var reveal: ClosedRange<Height> { height(6)...height(8) }
    public var revealAccepted: ClosedRange<Height> { height(6)...height(9) }
    /// What is here by now must be in the verdict.
    public var frozen: Height { height(9) }
    /// Its randomness decides who gets a seat, and is not known before; reveals that came until now may count.
    public var selection: Height { height(10) }
    public var verdict: ClosedRange<Height> { height(11)...height(40) }
}
