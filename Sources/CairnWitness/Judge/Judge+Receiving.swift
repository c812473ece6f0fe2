import CairnBase
import CairnWire

/// What arrives from witnesses and beaconers, each in its window.
extension Judge {
    /// Whether a message could change anything here: worth the check of its signature, and worth passing on.
    public func isNew(_ message: CoverageMessage) -> Bool {
        switch message {
        case .commit(let commit):
            guard let open = cases[commit.challenge] else { return false }
            guard let first = open.commits[commit.witness] else { return true }
            return first.commitment != commit.commitment && !open.accused.contains(commit.witness)
        case .beacon(let reveal): return cases[reveal.challenge].map { $0.challenge.beacon == nil } ?? false
        case .reveal(let reveal): return isNew(reveal.opening)
        case .batch(let batch): return batch.openings.contains { isNew($0) }
        }
    }

    private func isNew(_ opening: Opening) -> Bool {
        guard let open = cases[opening.receipt.challenge],
            let witness = view(of: open.challenge.height)?.index(of: opening.receipt.witness)
        else { return false }
        return open.opened[witness]?.endorsed.reveal.opening != opening
    }

    mutating func take(_ verified: Verified<Commit>, _ effects: inout [JudgeEffect]) {
        let commit = verified.value
        guard let open = cases[commit.challenge], let view = view(of: open.challenge.height) else {
            return refuse(.unknownChallenge)
        }
        guard let member = view.member(commit.witness), member.device == verified.signer,
            let target = view.member(open.challenge.target)
        else { return refuse(.unknownSigner) }
        if let first = open.commits[commit.witness] {
            if first.commitment != commit.commitment, !open.accused.contains(commit.witness) {
                _ = cases.mutate(commit.challenge) { _ = $0.accused.insert(commit.witness) }
                effects.append(.accuse(first, commit))
            }
            return refuse(.repeated)
        }
        let objections = Eligibility.objections(to: member, for: target, rules: view.rules)
        guard objections.isEmpty else {
            _ = cases.mutate(commit.challenge) { open in
                for reason in objections.list { open.report(reason, for: commit.witness) }
            }
            return refuse(.notEligible)
        }
        guard head <= Timeline(open.challenge.height).commitAccepted.upperBound else {
            _ = cases.mutate(commit.challenge) { $0.report(.late, for: commit.witness) }
            return refuse(.tooLate)
        }
        guard chargeQuota(commit.witness, view.epoch) else { return refuse(.quota) }
        add(commit, to: open, in: view)
    }

    private mutating func chargeQuota(_ witness: UInt32, _ epoch: Epoch) -> Bool {
        let quota = CommitQuota(epoch: epoch, witness: witness)
        let sent = commitsSent[quota] ?? 0
        guard sent < limits.commitsPerEpoch else { return false }
        commitsSent.updateValue(sent + 1, forKey: quota)
        return true
    }

    /// A full case keeps the trusted first, then those with the lowest draw.
    private mutating func add(_ commit: Commit, to open: OpenCase, in view: CoverageView) {
        var dropped: UInt32?
        if open.commits.count >= limits.commitsPerChallenge {
            let ranked = (open.commits.keys + [commit.witness]).compactMap { rank($0, open.challenge, view) }
            dropped = ranked.max { $0.key < $1.key }?.witness
            refuse(.noRoom)
        }
        guard dropped != commit.witness else { return }
        _ = cases.mutate(commit.challenge) { open in
            open.commits[commit.witness] = commit
            if let dropped {
                open.commits[dropped] = nil
                open.opened[dropped] = nil
            }
        }
    }

    private func rank(
        _ witness: UInt32, _ challenge: ChallengeCase, _ view: CoverageView
    ) -> (key: (Int, UInt64, ResourceID), witness: UInt32)? {
        guard let member = view.member(witness), let value = randomness.forChallenge(at: challenge.height) else {
            return nil
        }
        let draw = Draw.candidate(
            member.id, in: challenge.id, at: challenge.height, randomness: value, using: hash)
        return ((member.isTrusted ? 0 : 1, draw, member.id), witness)
    }

    mutating func take(_ verified: Verified<BeaconReveal>, _ output: Digest) {
        let reveal = verified.value
        guard let open = cases[reveal.challenge], let view = view(of: open.challenge.height) else {
            return refuse(.unknownChallenge)
        }
        guard reveal.target == open.challenge.target, let target = view.member(reveal.target),
            target.device == verified.signer
        else { return refuse(.unknownSigner) }
        let window = Timeline(open.challenge.height).beaconAccepted
        guard head >= window.lowerBound else { return refuse(.tooEarly) }
        guard head <= window.upperBound else { return refuse(.tooLate) }
        guard open.challenge.beacon == nil else { return refuse(.repeated) }
        let beacon = Beacon(
            output: output, profile: view.rules.profile, height: open.challenge.height, region: target.region,
            using: hash)
        _ = cases.mutate(reveal.challenge) { $0.challenge.beacon = beacon }
    }

    mutating func take(_ vouched: VouchedReveal) {
        guard let (reveal, signer) = vouched.opened(using: hash) else { return refuse(.notInBatch) }
        let id = reveal.receipt.challenge
        guard let open = cases[id], let view = view(of: open.challenge.height) else {
            return refuse(.unknownChallenge)
        }
        guard signer == reveal.receipt.witness, let witness = view.index(of: signer) else {
            return refuse(.unknownSigner)
        }
        let window = Timeline(open.challenge.height).revealAccepted
        guard head >= window.lowerBound else { return refuse(.tooEarly) }
        guard head <= window.upperBound, isCommitted(reveal, by: witness, in: open) else {
            _ = cases.mutate(id) { $0.report(.late, for: witness) }
            return refuse(head > window.upperBound ? .tooLate : .notCommitted)
        }
        guard !open.opened.contains(witness) else {
            if open.opened[witness]?.endorsed.reveal.opening != reveal.opening {
                _ = cases.mutate(id) { $0.report(.duplicate, for: witness) }
            }
            return refuse(.repeated)
        }
        _ = cases.mutate(id) { $0.opened[witness] = vouched }
    }

    func isCommitted(_ reveal: Reveal, by witness: UInt32, in open: OpenCase) -> Bool {
        open.commits[witness]?.commitment == reveal.opening.commitment(on: chain, using: hash)
    }

    /// Receipts that somebody else's verdict rests on. They are judged when the verdict is.
    mutating func keep(fetched reveals: [VouchedReveal], for wanted: WantedReceipts) {
        let challenge = wanted.challenge
        guard let open = cases[challenge], let view = view(of: open.challenge.height),
            reveals.count <= limits.commitsPerChallenge
        else { return refuse(.unknownChallenge) }
        var kept = OrderedMap<UInt32, VouchedReveal>()
        for vouched in reveals {
            guard let (reveal, signer) = vouched.opened(using: hash), reveal.receipt.challenge == challenge,
                signer == reveal.receipt.witness, let witness = view.index(of: signer)
            else { return refuse(.notInBatch) }
            kept[witness] = vouched
        }
        // Others would push out of the few places what was asked for.
        guard root(of: kept) == wanted.root else { return refuse(.otherRoot) }
        _ = cases.mutate(challenge) { open in
            if open.fetched.count == OpenCase.fetchedMax { open.fetched.removeFirst() }
            open.fetched.append(kept)
        }
    }
}
