public import CairnBase
public import CairnStorage
public import CairnWire
public import CairnWitness

/// One witness's question to one holder of a shard, until it is answered or its time is over.
struct AuditTalk: Sendable {
    /// What a receipt says of it.
    struct Outcome {
        var result = WalkResult.lateOrSilent
        var last = Digest.zero
        var answer = Signature(r: .zero, s: .zero)
    }

    let audit: StorageAudit
    let witness: AuditParty
    let shard: StorageAudit.Shard
    let question: ShardQuestion
    let proof: VRFProof
    let deadline: TimeSpan
    /// Nil before it is this one's turn.
    var attempt: Attempt?
    /// A question is on its way.
    var isAsked = false
    var unreached = 0

    var provider: NodeID { audit.node }

    func receipt(_ outcome: Outcome, at now: Instant) -> WalkReceipt {
        let elapsed = attempt.map { now.since($0.begin) } ?? .zero
        return WalkReceipt(
            challenge: audit.challenge, provider: audit.provider.place, partition: audit.partition,
            witness: witness.place, result: outcome.result,
            elapsedMilliseconds: UInt32(clamping: elapsed.milliseconds), proof: proof, last: outcome.last,
            answer: outcome.answer)
    }
}

/// Where the leaves that a provider showed lead, as it signs it.
public struct ShownEnd: Signed {
    public let signedBody: [UInt8]
    public let signature: Signature

    public init(signedBody: [UInt8], signature: Signature) {
        self.signedBody = signedBody
        self.signature = signature
    }

    public var domain: DomainTag { WalkQuestion.answerTag }
}

extension StorageAudit {
    /// What every answer is an answer to, whatever it shows.
    public func question(of witness: AuditParty, nonce: Digest) -> RoundQuestion {
        RoundQuestion(
            challenge: challenge, provider: Digest(provider.id.raw), partition: partition,
            witness: Digest(witness.id.raw), nonce: nonce.raw)
    }

    public func question(about shard: Shard, of witness: AuditParty, nonce: Digest) -> ShardQuestion {
        ShardQuestion(
            root: shard.root, shard: shard.number, units: shard.units, round: question(of: witness, nonce: nonce))
    }
}
