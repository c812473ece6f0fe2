import CairnBase
import CairnWire

/// A challenge while its messages come in: who committed, who opened, and what was wrong with it.
struct OpenCase: Sendable {
    var challenge: ChallengeCase
    /// By witness. Limited; who is dropped was the least trusted, or had the worst draw.
    var commits = OrderedMap<UInt32, Commit>()
    /// Opened as committed, in time.
    var opened = OrderedMap<UInt32, VouchedReveal>()
    /// Those of them that were here when the set was frozen.
    var frozen: OrderedSet<UInt32> = []
    var isFrozen = false
    /// The receipts under roots of others' verdicts.
    var fetched: [OrderedMap<UInt32, VouchedReveal>] = []
    var isAdopted = false
    /// Those with two commits: one pair of them is proof enough.
    var accused: OrderedSet<UInt32> = []
    /// What kept receipts out.
    var reports = OrderedMap<UInt32, Reasons>()

    static let fetchedMax = 4
    static let reportsMax = 128

    mutating func report(_ reason: Reason, for witness: UInt32) {
        guard reports.count < Self.reportsMax || reports.contains(witness) else { return }
        reports[witness, default: []].insert(reason)
    }

    /// The case with those of the given receipts that are true, and what is wrong with the others.
    func filled(
        with reveals: OrderedMap<UInt32, VouchedReveal>, in view: CoverageView, using hash: some HashFunction
    ) -> (challenge: ChallengeCase, objections: OrderedMap<UInt32, Reasons>) {
        let payload = challenge.beacon?.payloadHash(using: hash)
        var result = challenge
        var objections = OrderedMap<UInt32, Reasons>()
        for (witness, vouched) in reveals {
            let reveal = vouched.endorsed.reveal
            let reasons = challenge.objections(to: reveal.receipt, by: witness, in: view, payload: payload)
            if reasons.isEmpty { result.reveals[witness] = reveal } else { objections[witness] = reasons }
        }
        return (result, objections)
    }
}
