public import CairnBase
public import CairnWire

/// What this validator proposes, and what it thinks of others' proposals. Neither changes anything.
extension Judge {
    /// The verdicts that a block at this height may carry, in their order, by what this validator holds.
    public func verdicts(at height: Height) -> [CoverageVerdict] {
        var verdicts: [CoverageVerdict] = []
        for (place, id) in order {
            guard Timeline(place.height).verdict.lowerBound <= height, verdicts.count < limits.verdictsPerBlock else {
                break
            }
            // Who missed the messages would say that there were none.
            guard Timeline(place.height).verdict.contains(height), isInStep(since: place.height),
                let open = cases[id], !open.isAdopted
            else { continue }
            if let judgement = judgement(open, with: open.opened) { verdicts.append(judgement.verdict) }
        }
        return verdicts
    }

    /// What became of every receipt of a challenge, as this validator would score it.
    public func judgement(of challenge: Digest) -> Judgement? {
        cases[challenge].flatMap { judgement($0, with: $0.opened) }
    }

    /// Why receipts of a challenge were not kept or not true.
    public func reports(of challenge: Digest) -> OrderedMap<UInt32, Reasons> {
        cases[challenge]?.reports ?? OrderedMap()
    }

    /// The receipts that the verdict with this root rests on, for a validator that asks.
    public func receipts(of challenge: Digest, under root: Digest) -> [EndorsedReveal]? {
        guard let open = cases[challenge], let view = view(of: open.challenge.height) else { return nil }
        for set in [open.opened] + open.fetched {
            let filled = open.filled(with: set, in: view, using: hash).challenge
            if filled.receiptsRoot(using: hash) == root {
                return filled.reveals.keys.compactMap { set[$0]?.endorsed }
            }
        }
        return nil
    }

    /// Whether the receipts under somebody's root are here.
    public func holds(_ wanted: WantedReceipts) -> Bool {
        guard let open = cases[wanted.challenge], let view = view(of: open.challenge.height) else { return false }
        return receipts(under: wanted.root, of: open, in: view) != nil
    }

    /// Whether to vote for a block at this height that carries these verdicts.
    public func check(_ verdicts: [CoverageVerdict], at height: Height) -> VerdictCheck {
        VerdictCheck(verdicts, as: Verdict.coverage, limit: limits.verdictsPerBlock) {
            (verdict, place) throws(VerdictFault) in try check(verdict, place, at: height)
        }
    }

    private func check(
        _ verdict: CoverageVerdict, _ place: VerdictPlace, at height: Height
    ) throws(VerdictFault) -> WantedReceipts? {
        let timeline = Timeline(verdict.height)
        guard timeline.verdict.contains(height) else { throw .notInWindow(place) }
        guard verdict.kind == .radio, let id = order[place], let open = cases[id],
            let view = view(of: verdict.height)
        else { throw .notChallenged(place) }
        guard !open.isAdopted else { throw .alreadyAdopted(place) }
        guard isInStep(since: verdict.height) else {
            // Who was not there cannot say what was left out.
            guard verdict.isPossible(in: view) else { throw .arithmetic(place) }
            return nil
        }
        if verdict.reasons.contains(.noBeacon), open.challenge.beacon != nil { throw .beaconWasProven(place) }
        guard let receipts = receipts(under: verdict.receipts, of: open, in: view) else {
            return WantedReceipts(challenge: id, root: verdict.receipts)
        }
        if let untrue = receipts.untrue { throw .untrueReceipt(place, witness: untrue) }
        for witness in open.frozen {
            guard receipts.challenge.reveals[witness] == open.opened[witness]?.endorsed.reveal else {
                throw .omits(place, witness: witness)
            }
        }
        let judgement = randomness[timeline.selection].flatMap {
            Judgement(receipts.challenge, in: view, randomness: $0, root: verdict.receipts, using: hash)
        }
        guard judgement?.verdict == verdict else { throw .wrongScore(place) }
        return nil
    }

    private func isInStep(since height: Height) -> Bool { inStepSince.map { $0 <= height } ?? false }

    /// The case with the receipts under this root, if this validator holds them; those that it took itself are true.
    private func receipts(
        under root: Digest, of open: OpenCase, in view: CoverageView
    ) -> (challenge: ChallengeCase, untrue: UInt32?)? {
        let all = open.filled(with: open.opened, in: view, using: hash).challenge
        if all.receiptsRoot(using: hash) == root { return (all, nil) }
        var inTime = all
        for witness in all.reveals.keys where !open.frozen.contains(witness) { inTime.reveals[witness] = nil }
        if inTime.receiptsRoot(using: hash) == root { return (inTime, nil) }
        guard let set = open.fetched.first(where: { self.root(of: $0) == root }) else { return nil }
        let (filled, objections) = open.filled(with: set, in: view, using: hash)
        let uncommitted = set.first { !isCommitted($0.value.endorsed.reveal, by: $0.key, in: open) }
        return (filled, uncommitted?.key ?? objections.first?.key)
    }

    func root(of set: OrderedMap<UInt32, VouchedReveal>) -> Digest {
        let reveals = set.values.map { MerkleList.leaf($0.endorsed.reveal.encoded.span.bytes, using: hash) }
        return MerkleList(leaves: reveals, using: hash).root
    }

    private func judgement(_ open: OpenCase, with reveals: OrderedMap<UInt32, VouchedReveal>) -> Judgement? {
        guard let view = view(of: open.challenge.height),
            let value = randomness[Timeline(open.challenge.height).selection]
        else { return nil }
        let filled = open.filled(with: reveals, in: view, using: hash).challenge
        return Judgement(filled, in: view, randomness: value, using: hash)
    }
}
