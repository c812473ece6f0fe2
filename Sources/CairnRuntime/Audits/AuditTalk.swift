import CairnBase
import CairnCrypto
import CairnStorage
import CairnTransport
import CairnWire
import CairnWitness

/// One witness's question to one provider, until it is answered or its time is over; what came of it is told once, and nothing
/// where the provider could not be asked.
final class AuditTalk {
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
    private let deadline: TimeSpan
    /// What is being asked; nil before it is this one's turn.
    private var open: PersistentQuestion?
    /// The provider took no question: it is to be dialled if it is not connected. Says whether it is being dialled.
    var onUnreached: ((NodeID) -> Bool)?
    /// Looks at what was sent beside the loop, and tells what it amounts to; nil when there is no room for it.
    var check: ((WalkCheck, @escaping (WalkResult?) -> Void) -> Void)?
    private var done: ((AuditTalk, Outcome?) -> Void)?

    init(
        _ network: PeerNetwork, on chain: ChainID, _ audit: StorageAudit, as witness: AuditParty,
        _ device: SharedDeviceKeys, within deadline: TimeSpan, _ done: @escaping (AuditTalk, Outcome?) -> Void
    ) {
        self.network = network
        self.chain = chain
        self.audit = audit
        self.witness = witness
        self.device = device
        self.deadline = deadline
        self.done = done
        let (proof, nonce) = device.identity.vrf.prove(audit.nonceInput(using: Blake2b()))
        self.proof = proof
        self.nonce = nonce
    }

    var provider: NodeID { audit.node }

    func start() {
        switch audit.subject {
        case .shard(let shard): askShard(shard)
        case .sealed(let partition, let rules): askWalk(partition, rules)
        }
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

    // MARK: - Shards

    private func askShard(_ shard: StorageAudit.Shard) {
        let question = audit.question(about: shard, of: witness, nonce: nonce)
        ask(.show(question), within: deadline) { [weak self] outcome in
            guard let self else { return }
            switch outcome {
            case .answered(let bytes, let elapsed): end(judge(bytes, shard, question, elapsed))
            case .over(let wasFair): end(wasFair ? Outcome(elapsed: deadline) : nil)
            }
        }
    }

    private func judge(
        _ bytes: [UInt8], _ shard: StorageAudit.Shard, _ question: ShardQuestion, _ elapsed: TimeSpan
    ) -> Outcome {
        var outcome = Outcome(elapsed: elapsed)
        guard let shown = try? ShardAnswer.decode(bytes, limit: PieceQuestion.byteLimit) else {
            outcome.result = .badPath
            return outcome
        }
        let walk = question.round.walk(on: chain)
        let last = shown.shown.end(from: walk.start(using: Blake2b()), using: Blake2b())
        // What nobody has signed was not shown.
        guard isSigned(last, shown.signature, walk) else { return outcome }
        outcome.result = shown.result(answering: question, ofShards: Int(shard.count), on: chain, using: Blake2b())
        (outcome.last, outcome.answer) = (last, shown.signature)
        return outcome
    }

    private func isSigned(_ last: Digest, _ signature: Signature, _ walk: WalkQuestion) -> Bool {
        let end = ShownEnd(signedBody: walk.signedBody(last: last), signature: signature)
        return Verifier(chain: chain).verify(Claim(end, by: audit.provider.device)) != nil
    }

    // MARK: - Sealed partitions

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
