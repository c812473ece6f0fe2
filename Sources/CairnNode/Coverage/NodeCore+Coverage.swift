import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire
import CairnWitness

/// Verdicts: which go into the blocks that we lead, and whether those in others' blocks are true.
extension NodeCore {
    /// What a block of ours may say. After two failed views in a row it says nothing: a disagreement about receipts must
    /// not stop the chain.
    func verdicts(for request: PayloadRequest, except pending: OrderedSet<VerdictPlace>) -> [Verdict] {
        guard request.failedViews < 2 else { return [] }
        var chosen: [Verdict] = []
        var left = Self.verdictBytes
        let due =
            judge.verdicts(at: request.height).map { Verdict.coverage($0) }
            + auditJudge.verdicts(at: request.height).map { Verdict.storage($0) }
        for verdict in due.sorted(by: { $0.place < $1.place })
        where !pending.contains(verdict.place) && chosen.count < limits.verdictsPerBlock {
            let size = verdict.encoded.count
            guard size <= left else { break }
            left -= size
            chosen.append(verdict)
        }
        return chosen
    }

    /// Half a block at most: transactions are never kept out by challenges.
    private static var verdictBytes: Int { ConsensusLimits.payloadBytes / 2 }

    /// A block was executed: time goes on for its challenges, and some proposals can be judged now that could not before.
    mutating func follow(_ block: ExecutedBlock, at now: Instant, into effects: inout [NodeEffect]) {
        if let view = block.coverage { tell(.view(view), at: now, into: &effects) }
        if attendance.wasAway(at: block.block, block.height) {
            tell(JudgeInput.resumed, at: now, into: &effects)
            tell(AuditInput.resumed, at: now, into: &effects)
        }
        let adopted = SortedVerdicts(block.verdicts)
        tell(.block(block.height, randomness: block.randomness, adopted: adopted.coverage), at: now, into: &effects)
        tell(.block(block.height, rounds: block.audits, adopted: adopted.storage), at: now, into: &effects)
        for (digest, proposed) in judging where proposed.block.header.height <= block.height {
            judging.removeValue(forKey: digest)
        }
        dropReceiptQuestions()
        weigh(judging, at: now, into: &effects)
    }

    /// Lets the judge hear something that was checked at the edge.
    mutating func tell(_ input: JudgeInput, at now: Instant, into effects: inout [NodeEffect]) {
        var judged: [JudgeEffect] = []
        judge.handle(input, at: now, into: &judged)
        for effect in judged { effects.append(.coverage(effect)) }
    }

    /// The receipts under the root of somebody's verdict have come, those of them with a good signature.
    mutating func receive(
        _ reveals: [VouchedReveal], for wanted: WantedReceipts, from peer: NodeID, at now: Instant,
        into effects: inout [NodeEffect]
    ) {
        tell(.fetched(wanted, reveals), at: now, into: &effects)
        receiptQuestions.ended(wanted, by: peer)
        conclude(
            wanted, of: peer, isFalse: judge.follows(wanted.challenge) && !judge.holds(wanted), at: now, into: &effects)
    }

    /// The questions and answers are the same for both: only what is under the root differs.
    mutating func conclude(
        _ wanted: WantedReceipts, of peer: NodeID, isFalse: Bool, at now: Instant, into effects: inout [NodeEffect]
    ) {
        if isFalse { effects.append(.distrust(peer)) } else { settle(wanted, at: now, into: &effects) }
        askForReceipts(into: &effects)
    }

    /// A peer does not have them, or answered something else.
    mutating func lacks(_ wanted: WantedReceipts, _ peer: NodeID, into effects: inout [NodeEffect]) {
        receiptQuestions.ended(wanted, by: peer)
        askForReceipts(into: &effects)
    }

    /// One set of receipts more is here: blocks that waited for it last are judged.
    private mutating func settle(_ wanted: WantedReceipts, at now: Instant, into effects: inout [NodeEffect]) {
        var complete = OrderedMap<Digest, ProposedBlock>()
        for (digest, proposed) in judging where proposed.missing?.contains(wanted) == true {
            judging[digest]?.missing?.remove(wanted)
            if judging[digest]?.missing?.isEmpty == true { complete[digest] = judging[digest] }
        }
        weigh(complete, at: now, into: &effects)
        dropReceiptQuestions()
    }

    private mutating func weigh(
        _ waiting: OrderedMap<Digest, ProposedBlock>, at now: Instant, into effects: inout [NodeEffect]
    ) {
        for (digest, proposed) in waiting {
            judging.removeValue(forKey: digest)
            weigh(proposed, digest, at: now, into: &effects)
        }
    }

    /// Whether to vote for a block whose transactions are good: at once if nothing has to come first.
    mutating func weigh(
        _ proposed: ProposedBlock, _ digest: Digest, at now: Instant, into effects: inout [NodeEffect]
    ) {
        switch opinion(on: proposed) {
        case .agreed: step(.payloadValidated(digest, isValid: true), at: now, into: &effects)
        case .refused(let fault):
            effects.append(.refusedVerdicts(digest, fault))
            step(.payloadValidated(digest, isValid: false), at: now, into: &effects)
        case .needs(let wanted):
            var waiting = proposed
            let leader = consensus.committee[proposed.block.header.leader]?.node
            if let leader, waiting.missing == nil, !wanted.isEmpty {
                waiting.missing = OrderedSet(wanted)
                for receipts in wanted { receiptQuestions.want(receipts, of: leader) }
            }
            judging[digest] = waiting
            if judging.count > RecentBlocks.capacity { _ = judging.popFirst() }
            askForReceipts(into: &effects)
        }
    }

    private mutating func askForReceipts(into effects: inout [NodeEffect]) {
        for question in receiptQuestions.next(peers) {
            effects.append(.ask(.receipts(question.receipts), of: question.peer))
        }
    }

    private mutating func dropReceiptQuestions() {
        var needed: OrderedSet<WantedReceipts> = []
        for proposed in judging.values { for wanted in proposed.missing ?? [] { needed.insert(wanted) } }
        receiptQuestions.keep(only: needed)
    }

    private func opinion(on proposed: ProposedBlock) -> VerdictCheck {
        let verdicts = SortedVerdicts(proposed.payload.verdicts)
        let height = proposed.block.header.height
        if let early = verdicts.coverage.first(where: { !Timeline($0.height).verdict.contains(height) }) {
            return .refused(.notInWindow(Verdict.coverage(early).place))
        }
        if let early = verdicts.storage.first(where: { $0.height >= height }) {
            return .refused(.notInWindow(Verdict.storage(early).place))
        }
        // The seats, and the rounds, are drawn by a block that is final but perhaps not executed here.
        guard verdicts.coverage.allSatisfy({ Timeline($0.height).selection <= executed }),
            verdicts.storage.allSatisfy({ $0.height <= executed })
        else { return .needs([]) }
        return judge.check(verdicts.coverage, at: height).and(auditJudge.check(verdicts.storage, at: height))
    }
}

/// The verdicts of a block by who judges them; each part keeps their order.
private struct SortedVerdicts {
    private(set) var coverage: [CoverageVerdict] = []
    private(set) var storage: [StorageVerdict] = []

    init(_ verdicts: [Verdict]) {
        for verdict in verdicts {
            switch verdict {
            case .coverage(let verdict): coverage.append(verdict)
            case .storage(let verdict): storage.append(verdict)
            }
        }
    }
}

extension VerdictCheck {
    /// What is to be said of a block that carries both.
    fileprivate func and(_ other: VerdictCheck) -> VerdictCheck {
        switch (self, other) {
        case (.refused, _), (_, .agreed): self
        case (_, .refused), (.agreed, _): other
        case (.needs(let some), .needs(let others)): .needs(some + others)
        }
    }
}
