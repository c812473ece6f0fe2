import CairnBase
import CairnCrypto
import CairnGossip
import CairnNode
import CairnWire
import CairnWitness

/// Rounds of storage in a node's chain: what witnesses say is checked and told to the judge.
extension ChainShell {
    /// Says what a witness of this node saw, to everybody and to this node's own judge.
    func publish(_ receipt: SignedWalkReceipt) {
        if let claim = AuditClaim(receipt, core.auditJudge) { verify(.audit(claim), 0, from: nil) }
        pubSub?.publish(.receipts, WitnessMessage.walk(receipt).encoded)
    }

    /// Whether what a witness published is passed on.
    func judgeAudit(
        _ receipt: SignedWalkReceipt, in message: GossipMessage, from node: NodeID,
        _ answer: @escaping (MessageJudgement) -> Void
    ) {
        guard core.auditJudge.isNew(receipt), let claim = AuditClaim(receipt, core.auditJudge) else {
            return answer(.ignore)
        }
        check(message, .audit(claim), from: node) { [weak self] verdict in
            guard let self, case .audit(let receipt) = verdict else { return answer(verdict.judgement) }
            handle(.audit(.receipt(receipt)))
            answer(.accept)
        }
    }

    func carryOut(_ effect: AuditEffect) {
        if case .contradiction(let first, _) = effect {
            log.warn("a witness of storage said two things", ["witness": .count(Int(first.receipt.witness))])
        }
        onAudit?(effect)
    }
}
