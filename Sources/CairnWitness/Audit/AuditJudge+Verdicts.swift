public import CairnBase
public import CairnWire

/// What this validator proposes about audits, and what it thinks of others' proposals. Neither changes anything.
extension AuditJudge {
    /// The verdicts that a block at this height may carry, in their order, by what this validator holds.
    ///
    /// In the first half of their window only those of which nothing is missing: others may hold what this validator
    /// lacks, and would refuse a block that leaves it out together with all that is in it.
    public func verdicts(at height: Height) -> [StorageVerdict] {
        var verdicts: [StorageVerdict] = []
        for (place, open) in cases {
            guard verdicts.count < limits.verdictsPerBlock else { break }
            // Who missed the receipts would say that there were none.
            guard open.times.verdict(place.height).contains(height), isInStep(since: place.height), !open.isAdopted,
                open.audit.isComplete(with: open.receipts) || open.times.secondHalf(place.height) <= height,
                let verdict = open.audit.verdict(by: open.receipts, using: hash)
            else { continue }
            verdicts.append(verdict)
        }
        return verdicts
    }

    /// Whether this challenge is one of those that are followed here.
    public func follows(_ challenge: Digest) -> Bool { challenges.contains(challenge) }

    /// Whether the receipts under somebody's root are here.
    public func holds(_ wanted: WantedReceipts) -> Bool { receipts(of: wanted) != nil }

    /// The receipts that the verdict with this root rests on, for a validator that asks.
    public func receipts(of wanted: WantedReceipts) -> [SignedWalkReceipt]? {
        guard let challenged = challenges[wanted.challenge] else { return nil }
        for (place, open) in cases where place.height == challenged.height && place.target == challenged.target {
            if let set = open.receipts(under: wanted.root, using: hash) { return Array(set.values) }
        }
        return nil
    }

    /// Whether to vote for a block at this height that carries these verdicts.
    public func check(_ verdicts: [StorageVerdict], at height: Height) -> VerdictCheck {
        VerdictCheck(verdicts, as: Verdict.storage, limit: limits.verdictsPerBlock) {
            (verdict, place) throws(VerdictFault) in try check(verdict, place, at: height)
        }
    }

    private func check(
        _ verdict: StorageVerdict, _ place: VerdictPlace, at height: Height
    ) throws(VerdictFault) -> WantedReceipts? {
        guard isInStep(since: verdict.height) else {
            // Who was not there cannot say what was left out, nor who was drawn; execution looks at window and places.
            guard verdict.isPossible else { throw .arithmetic(place) }
            return nil
        }
        guard let open = cases[place], open.audit.kind == verdict.kind else { throw .notChallenged(place) }
        guard open.times.verdict(place.height).contains(height) else { throw .notInWindow(place) }
        guard !open.isAdopted else { throw .alreadyAdopted(place) }
        guard let receipts = open.receipts(under: verdict.receipts, using: hash) else {
            return WantedReceipts(challenge: open.audit.challenge, root: verdict.receipts)
        }
        // Of a witness that said two things either may stand there: which one came first differs from place to place.
        if let witness = open.frozen.first(where: { !receipts.contains($0) }) { throw .omits(place, witness: witness) }
        guard open.audit.verdict(by: receipts, using: hash) == verdict else { throw .wrongScore(place) }
        return nil
    }
}
