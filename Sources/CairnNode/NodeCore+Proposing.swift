import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire

/// What goes into blocks that we lead, and what may stand in those of others.
extension NodeCore {
    /// What the pool holds and no block below has yet, and the verdicts that are due. A leader that lacks one of those
    /// blocks cannot tell, and proposes nothing rather than something twice.
    func payload(for request: PayloadRequest) -> Payload {
        guard !request.mustBeEmpty,
            let pending = recent.pending(through: request.parent, at: request.height.preceding(), above: executed)
        else { return .empty }
        let verdicts = verdicts(for: request, except: pending.verdicts)
        let chosen = pool.select(
            byteLimit: ConsensusLimits.payloadBytes - BlockPayload.overhead
                - verdicts.reduce(0) { $0 + $1.encoded.count },
            overhead: BlockPayload.overheadPerTransaction, countLimit: limits.transactionsPerBlock,
            head: request.height.preceding(), excluding: pending.transactions)
        return BlockPayload(transactions: chosen.map(\.transaction.value), verdicts: verdicts).payload
    }

    /// Judges a proposed payload without state: it must be well formed, its signatures good and its verdicts true. Those
    /// transactions that the pool has checked are not checked again.
    mutating func check(_ block: Block, _ digest: Digest, at now: Instant, into effects: inout [NodeEffect]) {
        guard let payload = try? BlockPayload(block.payload, limits: limits),
            payload.transactions.allSatisfy({ $0.chainPrefix == chain.prefix })
        else { return step(.payloadValidated(digest, isValid: false), at: now, into: &effects) }
        let proposed = ProposedBlock(block: block, payload: payload)
        if let known = pooled(payload.transactions) {
            return accept(proposed, digest, known, at: now, into: &effects)
        }
        checking[digest] = proposed
        if checking.count > RecentBlocks.capacity { _ = checking.popFirst() }
        effects.append(.verify(block: digest, payload.transactions))
    }

    mutating func verified(
        _ digest: Digest, _ transactions: [Verified<Transaction>]?, at now: Instant, into effects: inout [NodeEffect]
    ) {
        guard let proposed = checking.removeValue(forKey: digest) else { return }
        guard let transactions else {
            return step(.payloadValidated(digest, isValid: false), at: now, into: &effects)
        }
        accept(proposed, digest, transactions, at: now, into: &effects)
    }

    private mutating func accept(
        _ proposed: ProposedBlock, _ digest: Digest, _ transactions: [Verified<Transaction>], at now: Instant,
        into effects: inout [NodeEffect]
    ) {
        remember(proposed.block, digest, proposed.payload, checked: transactions)
        weigh(proposed, digest, at: now, into: &effects)
    }

    /// Keeps a block whose payload was not judged here: what it orders is known, not whether it is signed.
    mutating func remember(_ block: Block, _ digest: Digest) {
        guard recent[digest] == nil, let payload = try? BlockPayload(block.payload, limits: limits) else { return }
        remember(block, digest, payload, checked: pooled(payload.transactions))
    }

    private mutating func remember(
        _ block: Block, _ digest: Digest, _ payload: BlockPayload, checked: [Verified<Transaction>]?
    ) {
        guard block.header.height > executed else { return }
        recent.insert(
            RecentBlocks.Entry(
                block: block, transactions: checked,
                orders: RecentBlocks.Orders(
                    transactions: OrderedSet(payload.transactions.map { $0.id(chain: chain, using: hash) }),
                    verdicts: OrderedSet(payload.verdicts.map(\.place)))),
            for: digest)
    }

    /// The same transactions as the pool has checked them, if it holds every one, signatures included.
    private func pooled(_ transactions: [Transaction]) -> [Verified<Transaction>]? {
        var known: [Verified<Transaction>] = []
        for transaction in transactions {
            guard let entry = pool[transaction.sender, transaction.nonce], entry.transaction.value == transaction
            else { return nil }
            known.append(entry.transaction)
        }
        return known
    }
}
