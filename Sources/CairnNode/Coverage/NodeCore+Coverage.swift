import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire
import CairnWitness

/// Verdicts on coverage: which go into the blocks that we lead, and whether those in others' blocks are true.
extension NodeCore {
    /// What a block of ours may say. After two failed views in a row it says nothing: a disagreement about receipts must
    /// not stop the chain.
    func verdicts(for request: PayloadRequest, except pending: OrderedSet<VerdictPlace>) -> [Verdict] {
        guard request.failedViews < 2 else { return [] }
        var chosen: [Verdict] = []
        var left = Self.verdictBytes
        for verdict in judge.verdicts(at: request.height).map({ Verdict.coverage($0) })
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
        // What was fetched came without the messages of its time.
        if sync != nil { tell(.resumed, at: now, into: &effects) }
        let adopted = block.verdicts.compactMap { verdict -> CoverageVerdict? in
            if case .coverage(let coverage) = verdict { coverage } else { nil }
        }
        tell(.block(block.height, randomness: block.randomness, adopted: adopted), at: now, into: &effects)
        for (digest, proposed) in judging where proposed.block.header.height <= block.height {
            judging.removeValue(forKey: digest)
        }
        weighAll(at: now, into: &effects)
    }

    /// Lets the judge hear something that was checked at the edge.
    mutating func tell(_ input: JudgeInput, at now: Instant, into effects: inout [NodeEffect]) {
        var judged: [JudgeEffect] = []
        judge.handle(input, at: now, into: &judged)
        for effect in judged { effects.append(.coverage(effect)) }
    }

    /// The receipts under the root of somebody's verdict have come.
    mutating func receive(
        receipts: [VouchedReveal], of challenge: Digest, at now: Instant, into effects: inout [NodeEffect]
    ) {
        tell(.fetched(challenge: challenge, receipts), at: now, into: &effects)
        weighAll(at: now, into: &effects)
    }

    private mutating func weighAll(at now: Instant, into effects: inout [NodeEffect]) {
        let waiting = judging
        judging = OrderedMap()
        for (digest, proposed) in waiting { weigh(proposed, digest, at: now, into: &effects) }
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
            if !wanted.isEmpty, !waiting.hasAsked, let leader = consensus.committee[proposed.block.header.leader]?.node
            {
                waiting.hasAsked = true
                for receipts in wanted.prefix(Self.askedAtOnce) {
                    effects.append(.ask(.receipts(receipts), of: leader))
                }
            }
            judging[digest] = waiting
            if judging.count > RecentBlocks.capacity { _ = judging.popFirst() }
        }
    }

    private static var askedAtOnce: Int { 16 }

    private func opinion(on proposed: ProposedBlock) -> VerdictCheck {
        var verdicts: [CoverageVerdict] = []
        for verdict in proposed.payload.verdicts {
            // Nothing here holds receipts of storage yet, and a verdict nobody recomputed gets no vote.
            guard case .coverage(let coverage) = verdict else { return .refused(.notChallenged(verdict.place)) }
            verdicts.append(coverage)
        }
        let height = proposed.block.header.height
        if let early = verdicts.first(where: { !Timeline($0.height).verdict.contains(height) }) {
            return .refused(.notInWindow(Verdict.coverage(early).place))
        }
        // The seats are drawn by a block that is final but perhaps not executed here.
        guard verdicts.allSatisfy({ Timeline($0.height).selection <= executed }) else { return .needs([]) }
        return judge.check(verdicts, at: height)
    }
}
