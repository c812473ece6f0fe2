public import CairnBase
public import CairnWire

/// Receipts after their verdict: kept until nobody can appeal any more, then forgotten. Roots and totals stay on chain.
public struct ReceiptArchive: Sendable {
    private var cases: BoundedMap<Place, ArchivedCase>
    private var places = OrderedMap<Digest, Place>()

    struct Place: Sendable, Hashable, Comparable {
        let height: Height
        let challenge: Digest

        static func < (left: Place, right: Place) -> Bool {
            left.height != right.height ? left.height < right.height : left.challenge < right.challenge
        }
    }

    public init(limits: Limits.Witness = Limits.Witness()) {
        cases = BoundedMap(capacity: limits.archivedChallenges, overflow: .dropLowest)
    }

    public var count: Int { cases.count }
    /// Cases that went before their time because there were too many.
    public var dropped: UInt64 { cases.dropped }

    public mutating func add(_ archived: ArchivedCase) {
        let place = Place(height: archived.height, challenge: archived.challenge)
        places[archived.challenge] = place
        if let lost = cases.updateValue(archived, forKey: place) { places[lost.key.challenge] = nil }
    }

    public subscript(challenge: Digest) -> ArchivedCase? { places[challenge].flatMap { cases[$0] } }

    /// Forgets what lies before a height.
    public mutating func prune(before height: Height) {
        while let first = cases.entries.first, first.key.height < height {
            _ = cases.popFirst()
            places[first.key.challenge] = nil
        }
    }

    /// Runs a verdict again from what was kept: for an appeal, or for whoever wants to know why. Nil when the receipts
    /// are gone or do not carry this root.
    public func rerun(
        _ verdict: CoverageVerdict, of challenge: Digest, beacon: Beacon?, in view: CoverageView, randomness: Digest,
        using hash: some HashFunction
    ) -> Judgement? {
        guard let archived = self[challenge] else { return nil }
        var rerun = ChallengeCase(
            id: challenge, height: archived.height, target: archived.target, beacon: beacon)
        for endorsed in archived.reveals {
            guard let witness = view.index(of: endorsed.reveal.receipt.witness),
                rerun.objections(to: endorsed.reveal.receipt, by: witness, in: view, using: hash).isEmpty
            else { continue }
            rerun.reveals[witness] = endorsed.reveal
        }
        guard rerun.receiptsRoot(using: hash) == verdict.receipts else { return nil }
        return Judgement(rerun, in: view, randomness: randomness, using: hash)
    }
}
