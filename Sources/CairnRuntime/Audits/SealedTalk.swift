import CairnBase
import CairnCrypto
import CairnNode
import CairnStorage
import CairnTransport
import CairnWire
import CairnWitness

/// One witness's questions to one provider about a sealed partition, until they are answered or their time is over; what came
/// of it is told once, and nothing where the provider could not be asked.
final class SealedTalk {
    /// What a receipt says of it.
    struct Outcome {
        var result = WalkResult.lateOrSilent
        var elapsed = TimeSpan.zero
        var last = Digest.zero
        var answer = Signature(r: .zero, s: .zero)
    }

    let audit: StorageAudit
    let witness: AuditParty
    let device: SharedDeviceKeys
    let proof: VRFProof
    private let network: PeerNetwork
    private let chain: ChainID
    private let nonce: Digest
    /// What is being asked; nil before it is this one's turn.
    private var open: PersistentQuestion?
    /// The provider took no question: it is to be dialled if it is not connected. Says whether it is being dialled.
    var onUnreached: ((NodeID) -> Bool)?
    /// Looks at what was sent beside the loop, and tells what it amounts to; nil when there is no room for it.
    var check: ((WalkCheck, @escaping (WalkResult?) -> Void) -> Void)?
    private var done: ((SealedTalk, Outcome?) -> Void)?

    init(
        _ network: PeerNetwork, on chain: ChainID, _ audit: StorageAudit, as witness: AuditParty,
        _ device: SharedDeviceKeys, _ done: @escaping (SealedTalk, Outcome?) -> Void
    ) {
        self.network = network
        self.chain = chain
        self.audit = audit
        self.witness = witness
        self.device = device
        self.done = done
        let (proof, nonce) = device.identity.vrf.prove(audit.nonceInput(using: Blake2b()))
        self.proof = proof
        self.nonce = nonce
    }

    var provider: NodeID { audit.node }

    func start() {
        guard case .sealed(let partition, let rules) = audit.subject else { return end(nil) }
        askWalk(partition, rules)
    }

    private func ask(
        _ question: PieceQuestion, within span: TimeSpan, countsFromAsking: Bool = false,
        _ then: @escaping (PersistentQuestion.Outcome) -> Void
    ) {
        let asked = PersistentQuestion(
            question, of: provider, on: network, within: span, countsFromAsking: countsFromAsking,
            visit: { [weak self] in self?.onUnreached?($0) ?? false }, then)
        open = asked
        asked.start()
    }

    private func isSigned(_ last: Digest, _ signature: Signature, _ walk: WalkQuestion) -> Bool {
        let end = ShownEnd(signedBody: walk.signedBody(last: last), signature: signature)
        return Verifier(chain: chain).verify(Claim(end, by: audit.provider.device)) != nil
    }

    /// The end of the walk has D from when the provider knows the nonce; what shows it has longer.
    private func askWalk(_ partition: StorageAudit.Partition, _ rules: WalkRules) {
        let question = audit.question(of: witness, nonce: nonce)
        let span = rules.allowed(witness.position.metres(to: audit.provider.position))
        ask(.walk(question), within: span, countsFromAsking: true) { [weak self] outcome in
            guard let self else { return }
            guard case .answered(let bytes, let elapsed) = outcome else {
                guard case .over(true) = outcome else { return end(nil) }
                return end(Outcome(elapsed: span))
            }
            guard let shown = try? WalkEnd.decode(bytes, limit: WalkEnd.byteCount),
                isSigned(shown.last, shown.signature, question.walk(on: chain))
            else { return end(Outcome(elapsed: elapsed)) }
            let walked = Outcome(elapsed: elapsed, last: shown.last, answer: shown.signature)
            askLeaves(question, partition, rules, walked)
        }
    }

    private func askLeaves(
        _ question: RoundQuestion, _ partition: StorageAudit.Partition, _ rules: WalkRules, _ walked: Outcome
    ) {
        ask(.leaves(question), within: rules.leaves) { [weak self] outcome in
            guard let self else { return }
            guard case .answered(let leaves, _) = outcome else { return end(walked) }
            ask(.check(question), within: rules.check) { [weak self] outcome in
                guard let self else { return }
                var check: [UInt8]?
                if case .answered(let bytes, _) = outcome { check = bytes }
                judge(
                    WalkCheck(
                        partition: partition, number: audit.partition, rules: rules,
                        question: question.walk(on: chain), last: walked.last, leaves: leaves, check: check), walked)
            }
        }
    }

    private func judge(_ shown: WalkCheck, _ walked: Outcome) {
        check?(shown) { [weak self] result in
            guard let result else { self?.end(nil); return }
            var outcome = walked
            outcome.result = result
            self?.end(outcome)
        }
    }

    private func end(_ outcome: Outcome?) {
        guard let done else { return }
        self.done = nil
        open?.cancel()
        done(self, outcome)
    }
}
