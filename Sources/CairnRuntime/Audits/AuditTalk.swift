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

    /// Between two tries while the provider is busy, or not connected just then.
    private static let pause = TimeSpan.milliseconds(200)
    /// Every so many tries that found no connection, one is asked for.
    private static let triesPerVisit = 5

    let audit: StorageAudit
    let witness: AuditParty
    let device: SharedDeviceKeys
    let proof: VRFProof
    private let network: PeerNetwork
    private let chain: ChainID
    private let question: ShardQuestion
    private let deadline: TimeSpan
    /// Nil before it is this one's turn.
    private var attempt: Attempt?
    private var open: PeerNetwork.OpenQuestion?
    /// The provider took no question: it is to be dialled if it is not connected. Says whether it is being dialled.
    var onUnreached: ((NodeID) -> Bool)?
    private var unreached = 0
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
        question = audit.question(of: witness, nonce: nonce)
    }

    var provider: NodeID { NodeID(audit.provider.device) }

    func start() {
        attempt = Attempt(begin: network.loop.now, within: deadline)
        network.loop.after(deadline) { [weak self] in
            guard let self else { return }
            end(attempt?.wasFair == true ? Outcome() : nil)
        }
        ask()
    }

    private func ask() {
        guard done != nil else { return }
        let asked = network.ask(.pieces, PieceQuestion.show(question).encoded, of: provider) { [weak self] answer in
            self?.hear(answer)
        }
        if let asked {
            open = asked
            attempt?.reach(at: network.loop.now)
        } else {
            if unreached.isMultiple(of: Self.triesPerVisit), onUnreached?(provider) == true {
                attempt?.reach(at: network.loop.now)
            }
            unreached += 1
            askLater()
        }
    }

    private func askLater() {
        network.loop.after(Self.pause) { [weak self] in self?.ask() }
    }

    private func hear(_ answer: PeerAnswer) {
        open = nil
        guard case .answered(let status, let bytes) = answer, status != PieceStatus.busy.rawValue else {
            return askLater()
        }
        // It says itself that it has nothing to show, and may have in a moment.
        guard status == PieceStatus.well.rawValue else { return askLater() }
        var outcome = Outcome()
        defer { end(outcome) }
        guard let shown = try? ShardAnswer.decode(bytes, limit: PieceQuestion.byteLimit) else {
            return outcome.result = .badPath
        }
        let walk = question.walk(on: chain)
        let last = shown.shown.end(from: walk.start(using: Blake2b()), using: Blake2b())
        let signed = ShownEnd(signedBody: walk.signedBody(last: last), signature: shown.signature)
        // What nobody has signed was not shown.
        guard Verifier(chain: chain).verify(Claim(signed, by: audit.provider.device)) != nil else { return }
        outcome.result = shown.result(
            answering: question, ofShards: Int(audit.shard.count), on: chain, using: Blake2b())
        (outcome.last, outcome.answer) = (last, shown.signature)
    }

    private func end(_ outcome: Outcome?) {
        guard let done else { return }
        self.done = nil
        if let open { network.cancel(open) }
        var outcome = outcome
        if let attempt { outcome?.elapsed = network.loop.now.since(attempt.begin) }
        done(self, outcome)
    }
}
