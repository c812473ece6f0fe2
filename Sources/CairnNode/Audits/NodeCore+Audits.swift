import CairnBase
import CairnWire
import CairnWitness

/// Rounds of storage: what their judge hears and says, and the receipts that others ask for.
extension NodeCore {
    /// Lets the judge of audits hear something that was checked at the edge.
    mutating func tell(_ input: AuditInput, at now: Instant, into effects: inout [NodeEffect]) {
        var judged: [AuditEffect] = []
        auditJudge.handle(input, at: now, into: &judged)
        for effect in judged { effects.append(.audit(effect)) }
    }

    /// The receipts of a round under the root of somebody's verdict have come, those of them that are good.
    mutating func receive(
        _ receipts: [Verified<SignedWalkReceipt>], for wanted: WantedReceipts, from peer: NodeID, at now: Instant,
        into effects: inout [NodeEffect]
    ) {
        tell(.fetched(wanted, receipts), at: now, into: &effects)
        receiptQuestions.ended(wanted, by: peer)
        conclude(
            wanted, of: peer, isFalse: auditJudge.follows(wanted.challenge) && !auditJudge.holds(wanted), at: now,
            into: &effects)
    }

    /// The receipts under a root, whatever they are about.
    func receipts(_ wanted: WantedReceipts) -> HistoryAnswer? {
        if let receipts = judge.receipts(of: wanted.challenge, under: wanted.root) { return .receipts(receipts) }
        return auditJudge.receipts(of: wanted).map { .walkReceipts($0) }
    }
}
