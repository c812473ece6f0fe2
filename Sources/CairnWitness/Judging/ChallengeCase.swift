public import CairnBase
public import CairnWire

/// One challenge with all that a verdict on it may use: the frozen view, the beacon as it was proven, the receipts,
/// and the randomness that came after them.
public struct ChallengeCase: Sendable {
    public let id: Digest
    public let height: Height
    public let target: UInt32
    /// What had to be sent; nil when its sender never proved it in time.
    public var beacon: Beacon?
    /// By witness; each of them valid by itself.
    public var reveals: OrderedMap<UInt32, Reveal>

    public init(
        id: Digest, height: Height, target: UInt32, beacon: Beacon?, reveals: OrderedMap<UInt32, Reveal> = OrderedMap()
    ) {
        self.id = id
        self.height = height
        self.target = target
        self.beacon = beacon
        self.reveals = reveals
    }

    /// What is wrong with a reveal by itself, apart from its commit.
    public func objections(
        to receipt: RadioReceipt, by index: UInt32, in view: CoverageView, using hash: some HashFunction
    ) -> Reasons {
        objections(to: receipt, by: index, in: view, payload: beacon?.payloadHash(using: hash))
    }

    /// - Parameter payload: what the beacon says, hashed once for all receipts of it.
    func objections(
        to receipt: RadioReceipt, by index: UInt32, in view: CoverageView, payload: PayloadHash?
    ) -> Reasons {
        guard let witness = view.member(index), let target = view.member(target) else { return Reasons(.oneself) }
        let metres = witness.place.metres(to: target.place)
        var reasons = Eligibility.objections(to: witness, for: target, metres: metres, rules: view.rules)
        guard let beacon, let payload else { return reasons.union(Reasons(.noBeacon)) }
        reasons.formUnion(
            Plausibility.objections(
                to: receipt, by: witness, of: target, metres: metres, beacon: beacon, payload: payload,
                facts: view.facts(target: self.target, witness: index)))
        return reasons
    }
}
