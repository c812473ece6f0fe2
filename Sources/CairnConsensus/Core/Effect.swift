public import CairnBase

/// What consensus wants done. A shell carries effects out in order.
///
/// A new vote is in none of them but `persist`, and there unsigned: the shell signs it, makes record and signature
/// durable, and answers `persisted`. Only then does the core count and broadcast it. A vote that could be lost after
/// someone saw it cannot be expressed.
public enum ConsensusEffect: Sendable, Hashable {
    case persist(Persist)
    case send(Outbound, to: NodeID)
    /// To every member of the committee but ourselves.
    case broadcast(Outbound)
    /// The same by the quickest way, which may lose it: what is said so is said by `broadcast` too, before or after.
    case scatter(Outbound)
    /// Sign with the vote key and send. It claims nothing about any block, so it need not be durable.
    case answerStatus(StatusAnswer, to: NodeID)
    case setTimer(ConsensusTimer, at: Instant)
    case requestPayload(PayloadRequest)
    case validatePayload(Block, digest: Digest)
    case fetchBlock(Digest)
    /// The finalized chain is further ahead than single fetches can follow.
    case synchronise(from: Anchor, to: VerifiedCertificate)
    /// Certificates of every kind are kept until stake that signed them is free: forks are explained by them.
    case archive(VerifiedCertificate)
    case commit(Commit)
    case epochEnded(EpochEnd)
    /// Asked for an epoch this core no longer holds.
    case serveHistory(CertificateRequest, to: NodeID)
    case evidence(Evidence)
    case penalise(NodeID, Misbehaviour)
    /// Never vote with this key again.
    case stopVoting(StopReason)
}

/// Records that become durable together, and at most one vote that rests on them.
///
/// The records come first, in order; the shell writes `sign` last, with its signature. Tokens are answered in order.
public struct Persist: Sendable, Hashable {
    public let token: UInt64
    public let records: [SignRecord]
    public let sign: VoteStatement?
}

/// What the sign log remembers besides votes.
public enum SignRecord: Sendable, Hashable {
    /// A finalization moves the floor.
    case certificate(Certificate)
    case block(Block)
    /// This key votes no more.
    case retired(StopReason)
}

/// What may be sent: nothing here is a vote that is not durable.
public enum Outbound: Sendable, Hashable {
    case proposal(DurableProposal)
    case votes([DurableVote])
    case certificates([VerifiedCertificate])
    case certificateRequest(CertificateRequest)
    case statusRequest(StatusRequest)

    public func message(at position: ChainPosition) -> ConsensusMessage {
        let body: ConsensusMessage.Body =
            switch self {
            case .proposal(let proposal): .proposal(proposal.proposal)
            case .votes(let votes): .votes(votes.map(\.vote))
            case .certificates(let certificates): .certificates(certificates.map(\.certificate))
            case .certificateRequest(let request): .certificateRequest(request)
            case .statusRequest(let request): .statusRequest(request)
            }
        return ConsensusMessage(position: position, body: body)
    }
}

/// An own vote that the shell has reported durable. Only the core makes one.
public struct DurableVote: Sendable, Hashable {
    public let vote: Vote

    init(_ vote: Vote) {
        self.vote = vote
    }
}

/// An own proposal whose block and vote are durable. Only the core makes one.
public struct DurableProposal: Sendable, Hashable {
    public let proposal: Proposal

    init(_ proposal: Proposal) {
        self.proposal = proposal
    }
}

public struct StatusAnswer: Sendable, Hashable {
    public let statement: StatusStatement
    public let member: MemberIndex
    public let entry: VerifiedCertificate?
    public let votesOfAsker: [Vote]

    public func signed(_ signature: Signature) -> Status {
        Status(
            statement: statement, member: member, signature: signature, entry: entry?.certificate,
            votesOfAsker: votesOfAsker)
    }
}

/// A timer is never cancelled: one that no longer concerns the current view is ignored.
public struct ConsensusTimer: Sendable, Hashable {
    public enum Kind: UInt8, Sendable, Hashable { case lead, advance, propose, retry, restart, echo }

    public let kind: Kind
    public let epoch: Epoch
    public let view: View
}

/// A leader asks for what its block will carry and for its randomness.
public struct PayloadRequest: Sendable, Hashable {
    public let epoch: Epoch
    public let view: View
    public let height: Height
    public let parent: Digest
    /// What the VRF key is to be applied to.
    public let randomnessInput: Digest
    /// Above an epoch's last height blocks are empty.
    public let mustBeEmpty: Bool
    /// Views in a row before this one that ended without a block.
    public let failedViews: UInt64
}

/// The answer to a `PayloadRequest`.
public struct PayloadOffer: Sendable, Hashable {
    public let epoch: Epoch
    public let view: View
    public let payload: Payload
    /// The wall clock, in milliseconds since 1970.
    public let time: UInt64
    public let output: Digest
    public let proof: RandomnessProof

    public init(epoch: Epoch, view: View, payload: Payload, time: UInt64, output: Digest, proof: RandomnessProof) {
        self.epoch = epoch
        self.view = view
        self.payload = payload
        self.time = time
        self.output = output
        self.proof = proof
    }
}

/// Blocks that became final, lowest first, and the certificate that makes them so.
public struct Commit: Sendable, Hashable {
    public let blocks: [Block]
    public let finalization: VerifiedCertificate
    /// From the last of the blocks, exclusive, to the one the finalization names: empty, except at the end of an epoch,
    /// where blocks that do not count may have been needed to make the last one final.
    public let path: [Header]
}

/// The last block of an epoch is final. The next epoch starts when the shell has executed it.
public struct EpochEnd: Sendable, Hashable {
    public let epoch: Epoch
    public let anchor: Anchor
    public let finalization: VerifiedCertificate
}

public enum Misbehaviour: Sendable, Hashable {
    case notTheLeader
    case malformedBlock
    case otherNextCommittee
    case otherStartState
    case invalidPayload
}

public enum StopReason: Sendable, Hashable {
    /// Someone else signs with this key, or this log is older than what it signed.
    case keyUsedElsewhere(VoteStatement)
    /// A finalization contradicts what is already final here: a third of the stake has lied.
    case contradictingFinalization
    /// The log says that this key was retired.
    case retired
}
