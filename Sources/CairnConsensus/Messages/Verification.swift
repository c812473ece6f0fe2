public import CairnBase

/// The two questions about keys that this protocol asks, answered at the edge.
public protocol ConsensusCryptography: Sendable {
    func isValid(_ signature: Signature, over message: [UInt8], by key: PublicKey) -> Bool
    /// `proof` shows that `output` is the VRF of `key` on `input`.
    func isValid(_ proof: RandomnessProof, of output: Digest, on input: Digest, by key: VRFPublicKey) -> Bool
}

/// A certificate of which every signature was checked and which was found to be a quorum of its epoch's committee.
public struct VerifiedCertificate: Sendable, Hashable {
    public let certificate: Certificate
    /// The digest of the header it carries; zero for a nullification.
    public let block: Digest

    init(vouchedFor certificate: Certificate, block: Digest) {
        self.certificate = certificate
        self.block = block
    }

    public var kind: VoteKind { certificate.kind }
    public var epoch: Epoch { certificate.epoch }
    public var view: View { certificate.view }
    public var header: Header? { certificate.header }
}

/// A proposal whose signature, randomness and payload digest were checked, with the sound ones of its certificates.
public struct VerifiedProposal: Sendable, Hashable {
    public let block: Block
    public let digest: Digest
    public let vote: Vote
    public let certificates: [VerifiedCertificate]

    public var header: Header { block.header }
}

public struct VerifiedStatus: Sendable, Hashable {
    public let statement: StatusStatement
    public let member: MemberIndex
    public let entry: VerifiedCertificate?
    public let votesOfAsker: [Vote]
}

/// A message that a core may believe. There is no way to make one but `MessageVerifier`.
public struct VerifiedMessage: Sendable, Hashable {
    public enum Body: Sendable, Hashable {
        case proposal(VerifiedProposal)
        case votes([Vote])
        case certificates([VerifiedCertificate])
        case certificateRequest(CertificateRequest)
        case statusRequest(StatusRequest)
        case status(VerifiedStatus)
    }

    public let position: ChainPosition
    public let body: Body
}

/// Why a message was refused. Every case but `unknownEpoch` is the sender's fault.
public enum VerificationError: Error, Equatable, Sendable {
    case unknownEpoch(Epoch)
    case otherChain
    case notAMember
    case badSignature
    case badRandomness
    case payloadMismatch
    case notAQuorum
    /// Headers that do not lead from the signed one to the one that is to be proven.
    case brokenAncestry
}

/// Turns messages into verified ones: knows what must be checked, and is handed how.
///
/// It is a value, so that a pool of threads can each hold one. It knows the committees of the current epoch and the one
/// before; what belongs to any other epoch is refused here, before a signature is looked at.
public struct MessageVerifier<Hash: HashFunction, Cryptography: ConsensusCryptography>: Sendable {
    public struct KnownEpoch: Sendable {
        public let epoch: Epoch
        public let committee: Committee

        public init(epoch: Epoch, committee: Committee) {
            self.epoch = epoch
            self.committee = committee
        }
    }

    public let chain: ChainID
    let hash: Hash
    let cryptography: Cryptography
    public let epochs: [KnownEpoch]

    public init(chain: ChainID, hash: Hash, cryptography: Cryptography, epochs: [KnownEpoch]) {
        self.chain = chain
        self.hash = hash
        self.cryptography = cryptography
        self.epochs = epochs
    }

    /// - Parameter isHeld: whether this very vote, signature and all, was checked before. A certificate is mostly made
    ///   of votes that have come one by one, and to check them twice would keep a block waiting.
    public func verify(
        _ message: ConsensusMessage, isHeld: (Vote) -> Bool = { _ in false }
    ) throws(VerificationError) -> VerifiedMessage {
        let body: VerifiedMessage.Body =
            switch message.body {
            case .proposal(let proposal): .proposal(try verify(proposal, isHeld: isHeld))
            case .votes(let votes): .votes(try votes.map { vote throws(VerificationError) in try verify(vote) })
            case .certificates(let certificates):
                .certificates(
                    try certificates.map { certificate throws(VerificationError) in
                        try verify(certificate, isHeld: isHeld)
                    })
            case .certificateRequest(let request): .certificateRequest(request)
            case .statusRequest(let request): .statusRequest(request)
            case .status(let status): .status(try verify(status))
            }
        return VerifiedMessage(position: message.position, body: body)
    }

    public func verify(_ vote: Vote) throws(VerificationError) -> Vote {
        let member = try member(vote.voter, of: vote.statement.epoch)
        guard isSigned(vote.signature, vote.statement, member.key) else { throw .badSignature }
        return vote
    }

    public func verify(
        _ certificate: Certificate, isHeld: (Vote) -> Bool = { _ in false }
    ) throws(VerificationError) -> VerifiedCertificate {
        let committee = try committee(of: certificate.epoch)
        guard certificate.header?.chain ?? chain == chain else { throw .otherChain }
        guard certificate.isQuorum(of: committee) else { throw .notAQuorum }
        let statement = certificate.statement(using: hash)
        for vote in certificate.votes(of: statement) where !isHeld(vote) {
            guard let member = committee[vote.voter], isSigned(vote.signature, statement, member.key) else {
                throw .badSignature
            }
        }
        return VerifiedCertificate(vouchedFor: certificate, block: statement.block)
    }

    /// A certificate attached in vain does not void the proposal: it is left out.
    public func verify(
        _ proposal: Proposal, isHeld: (Vote) -> Bool = { _ in false }
    ) throws(VerificationError) -> VerifiedProposal {
        let header = proposal.header
        guard header.chain == chain else { throw .otherChain }
        let leader = try member(header.leader, of: header.epoch)
        guard proposal.block.isWhole(using: hash) else { throw .payloadMismatch }
        let digest = header.digest(using: hash)
        let vote = proposal.vote(digest: digest)
        guard isSigned(vote.signature, vote.statement, leader.key) else { throw .badSignature }
        let input = Randomness.input(
            chain: chain, height: header.height, previous: header.randomness.previous, using: hash)
        guard
            cryptography.isValid(
                header.randomness.proof, of: header.randomness.output, on: input, by: leader.randomnessKey)
        else { throw .badRandomness }
        let certificates = proposal.certificates.compactMap { try? verify($0, isHeld: isHeld) }
        return VerifiedProposal(block: proposal.block, digest: digest, vote: vote, certificates: certificates)
    }

    private func verify(_ status: Status) throws(VerificationError) -> VerifiedStatus {
        let member = try member(status.member, of: status.statement.position.epoch)
        guard cryptography.isValid(status.signature, over: status.statement.signedBytes(chain: chain), by: member.key)
        else { throw .badSignature }
        let entry = status.entry.flatMap { try? verify($0) }
        let votes = status.votesOfAsker.compactMap { try? verify($0) }
        return VerifiedStatus(
            statement: status.statement, member: status.member, entry: entry, votesOfAsker: votes)
    }

    private func isSigned(_ signature: Signature, _ statement: VoteStatement, _ key: PublicKey) -> Bool {
        cryptography.isValid(signature, over: statement.signedBytes(chain: chain), by: key)
    }

    private func committee(of epoch: Epoch) throws(VerificationError) -> Committee {
        guard let known = epochs.first(where: { $0.epoch == epoch }) else { throw .unknownEpoch(epoch) }
        return known.committee
    }

    private func member(_ index: MemberIndex, of epoch: Epoch) throws(VerificationError) -> Validator {
        guard let member = try committee(of: epoch)[index] else { throw .notAMember }
        return member
    }
}
