import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnWire
import CairnWitness

/// A receipt of a storage round and what it must hold against: checked beside the loop, before the judge hears of it.
struct AuditClaim: Sendable {
    private let signed: SignedWalkReceipt
    private let audit: StorageAudit
    private let witness: AuditParty

    /// Nil when it is about no audit that this judge follows, or of nobody who was drawn.
    init?(_ signed: SignedWalkReceipt, _ judge: AuditJudge<Blake2b>) {
        guard let (audit, witness) = judge.question(of: signed.receipt) else { return nil }
        (self.signed, self.audit, self.witness) = (signed, audit, witness)
    }

    /// The witness has signed it, its nonce is the one it could not choose, and what is called good was signed by the
    /// provider too: nobody is said to have shown what it did not.
    func checked(by verifier: Verifier) -> Verified<SignedWalkReceipt>? {
        let receipt = signed.receipt
        guard let verified = verifier.verify(Claim(signed, by: witness.device)),
            let nonce = VRF.output(
                of: receipt.proof, input: audit.nonceInput(using: Blake2b()), by: witness.randomness)
        else { return nil }
        guard receipt.result == .good else { return verified }
        let walk = audit.question(of: witness, nonce: nonce).walk(on: verifier.chain)
        let answer = ShownEnd(signedBody: walk.signedBody(last: receipt.last), signature: receipt.answer)
        return verifier.verify(Claim(answer, by: audit.provider.device)) == nil ? nil : verified
    }
}
