public import CairnBase
public import CairnWire

/// What an audit judge is told.
public enum AuditInput: Sendable {
    /// The chain has a new newest block, with which rounds may begin, at most one of each kind; these verdicts are in it.
    case block(Height, rounds: [AuditRound], adopted: [StorageVerdict])
    /// The blocks so far were read from disk or fetched: what was said of them was missed.
    case resumed
    /// A receipt whose signatures, proof and nonce were checked.
    case receipt(Verified<SignedWalkReceipt>)
    /// The receipts under the root of somebody else's verdict, checked alike.
    case fetched(WantedReceipts, [Verified<SignedWalkReceipt>])
}

public enum AuditEffect: Sendable, Equatable {
    /// It is this witness's turn to ask the provider.
    case ask(StorageAudit, witness: AuditParty, within: TimeSpan)
    /// One witness has signed two different things about one answer.
    case contradiction(SignedWalkReceipt, SignedWalkReceipt)
}

/// A validator's part in audits of storage: it follows every audit of a round through its times, keeps what arrives in
/// time, and from that alone says what the verdict must be. What `Judge` is for coverage.
///
/// There are no commits: what a witness saw is not worth copying, and who was drawn is known to all from the beginning.
public struct AuditJudge<Hash: HashFunction>: ProtocolCore {
    public typealias Input = AuditInput
    public typealias Effect = AuditEffect

    let chain: ChainID
    let limits: Limits.Witness
    let hash: Hash
    /// In the order of verdicts.
    var cases = OrderedMap<VerdictPlace, OpenAudit>()
    /// Whom a challenge is for: its partitions are audits of their own.
    var challenges = OrderedMap<Digest, VerdictPlace>()
    public private(set) var head = Height.genesis
    /// From this height on no block was missed.
    private var inStepSince: Height?
    public private(set) var refusals = [UInt64](repeating: 0, count: JudgeRefusal.allCases.count)

    public init(chain: ChainID, limits: Limits.Witness = Limits.Witness(), hash: Hash) {
        self.chain = chain
        self.limits = limits
        self.hash = hash
    }

    public var openCases: Int { cases.count }

    public mutating func handle(_ input: AuditInput, at now: Instant, into effects: inout [AuditEffect]) {
        switch input {
        case .block(let height, let rounds, let adopted): enter(height, rounds, adopted, &effects)
        case .resumed: inStepSince = nil
        case .receipt(let receipt): take(receipt, &effects)
        case .fetched(let wanted, let receipts): keep(fetched: receipts, for: wanted)
        }
    }

    func isInStep(since height: Height) -> Bool { inStepSince.map { $0 <= height } ?? false }

    mutating func refuse(_ refusal: JudgeRefusal) { refusals[refusal.rawValue] += 1 }

    // MARK: - Blocks

    private mutating func enter(
        _ height: Height, _ rounds: [AuditRound], _ adopted: [StorageVerdict], _ effects: inout [AuditEffect]
    ) {
        if height != head.next || inStepSince == nil { inStepSince = height }
        head = height
        for verdict in adopted { _ = cases.mutate(Verdict.storage(verdict).place) { $0.isAdopted = true } }
        for round in rounds { open(round) }
        for place in cases.keys { advance(place, &effects) }
    }

    private mutating func open(_ round: AuditRound) {
        for audit in round.audits {
            guard cases.count < limits.openChallenges else { return refuse(.noRoom) }
            cases[audit.place] = OpenAudit(audit: audit, times: round.times)
            challenges[audit.challenge] = audit.place
        }
    }

    private mutating func advance(_ place: VerdictPlace, _ effects: inout [AuditEffect]) {
        guard let open = cases[place] else { return }
        let (audit, times) = (open.audit, open.times)
        guard head <= times.verdict(audit.height).upperBound else {
            cases[place] = nil
            challenges[audit.challenge] = nil
            return
        }
        if !open.isFrozen, times.frozen(audit.height) <= head {
            _ = cases.mutate(place) { open in
                open.isFrozen = true
                open.frozen = OrderedSet(open.receipts.keys)
            }
        }
        // Who was away hears too late whose turn it was.
        guard isInStep(since: audit.height) else { return }
        for (slot, witness) in audit.witnesses.enumerated() where times.asks(slot, of: audit.height) == head {
            effects.append(.ask(audit, witness: witness, within: times.deadline))
        }
        guard times.asksAgain(audit.height) == head, audit.isContained(by: open.receipts) else { return }
        for witness in audit.again { effects.append(.ask(audit, witness: witness, within: times.deadline)) }
    }

    // MARK: - Receipts

    /// What a receipt is about, and who must have signed it: what the edge checks it against. Nil for one that changes
    /// nothing here.
    public func question(of receipt: WalkReceipt) -> (audit: StorageAudit, witness: AuditParty)? {
        guard let place = place(of: receipt), let open = cases[place], open.audit.fits(receipt),
            let witness = open.audit.witness(at: receipt.witness)
        else { return nil }
        return (open.audit, witness)
    }

    /// Whether a receipt could change anything here: worth the check of its signatures, and worth passing on.
    public func isNew(_ signed: SignedWalkReceipt) -> Bool {
        guard question(of: signed.receipt) != nil, let place = place(of: signed.receipt), let open = cases[place] else {
            return false
        }
        return open.times.accepts(place.height).contains(head) && open.receipts[signed.receipt.witness] == nil
    }

    private func place(of receipt: WalkReceipt) -> VerdictPlace? {
        challenges[receipt.challenge].map {
            VerdictPlace(height: $0.height, target: $0.target, partition: receipt.partition)
        }
    }

    private mutating func take(_ verified: Verified<SignedWalkReceipt>, _ effects: inout [AuditEffect]) {
        let receipt = verified.value.receipt
        guard let place = place(of: receipt), let open = cases[place] else { return refuse(.unknownChallenge) }
        guard open.audit.fits(receipt), open.audit.witness(at: receipt.witness)?.device == verified.signer else {
            return refuse(.unknownSigner)
        }
        let window = open.times.accepts(place.height)
        guard head >= window.lowerBound else { return refuse(.tooEarly) }
        guard head <= window.upperBound else { return refuse(.tooLate) }
        if let first = open.receipts[receipt.witness] {
            if first.receipt != receipt { effects.append(.contradiction(first, verified.value)) }
            return refuse(.repeated)
        }
        _ = cases.mutate(place) { $0.receipts[receipt.witness] = verified.value }
    }

    private mutating func keep(fetched receipts: [Verified<SignedWalkReceipt>], for wanted: WantedReceipts) {
        var kept = StorageAudit.Receipts()
        for verified in receipts.prefix(RoundTally.witnesses + RoundTally.askedAgain) {
            kept[verified.value.receipt.witness] = verified.value
        }
        guard let receipt = receipts.first?.value.receipt, receipt.challenge == wanted.challenge,
            let place = place(of: receipt), let open = cases[place]
        else { return refuse(.unknownChallenge) }
        let areAll = receipts.allSatisfy { verified in
            open.audit.fits(verified.value.receipt)
                && open.audit.witness(at: verified.value.receipt.witness)?.device == verified.signer
        }
        guard areAll else { return refuse(.unknownSigner) }
        // Others would push out of the few places what was asked for.
        guard open.audit.root(of: kept, using: hash) == wanted.root else { return refuse(.otherRoot) }
        _ = cases.mutate(place) { open in
            if open.fetched.count == OpenAudit.fetchedMax { open.fetched.removeFirst() }
            open.fetched.append(kept)
        }
    }
}
