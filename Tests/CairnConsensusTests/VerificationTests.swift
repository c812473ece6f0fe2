import CairnBase
import CairnConsensus
import Testing

/// Nothing reaches the core that these checks have not passed.
@Suite struct VerificationTests {
    private let bench: Bench
    private let block: Block

    init() throws {
        bench = try Bench(weights: [1, 1, 1, 1])
        block = bench.block(1, payload: [1])
    }

    private func error(_ body: ConsensusMessage.Body) -> VerificationError? {
        let position = ChainPosition(epoch: Epoch(0), view: View(1), floor: View(0))
        do {
            _ = try bench.verifier.verify(ConsensusMessage(position: position, body: body))
            return nil
        } catch {
            return error
        }
    }

    @Test func soundMessagesPass() {
        #expect(error(.proposal(bench.proposal(block))) == nil)
        #expect(error(.certificates([bench.notarization(block)])) == nil)
        #expect(error(.votes([bench.vote(.nullify, 1, by: 3)])) == nil)
    }

    @Test func aVoteUnderAnotherKeyIsRefused() {
        let vote = bench.vote(.nullify, 1, by: 2)
        let stolen = Vote(statement: vote.statement, voter: MemberIndex(1), signature: vote.signature)
        #expect(error(.votes([stolen])) == .badSignature)
        let unseated = Vote(statement: vote.statement, voter: MemberIndex(4), signature: vote.signature)
        #expect(error(.votes([unseated])) == .notAMember)
    }

    @Test func aVoteOfAnUnknownEpochIsRefused() {
        let statement = VoteStatement(epoch: Epoch(5), view: View(1), kind: .nullify, block: .zero)
        #expect(error(.votes([bench.sign(statement, by: 0)])) == .unknownEpoch(Epoch(5)))
    }

    @Test func aCertificateIsOnlyAsGoodAsEachSignature() {
        let sound = bench.notarization(block)
        #expect(error(.certificates([bench.notarization(block, by: [0, 1])])) == .notAQuorum)
        let forged = Certificate(
            subject: sound.subject, signers: sound.signers,
            signatures: sound.signatures.dropLast() + [sound.signatures[0]])
        #expect(error(.certificates([forged])) == .badSignature)
        let short = Certificate(
            subject: sound.subject, signers: sound.signers, signatures: Array(sound.signatures.dropLast()))
        #expect(error(.certificates([short])) == .notAQuorum)
        let otherSize = Certificate(
            subject: sound.subject, signers: SignerSet(sound.signers.indices, of: 5), signatures: sound.signatures)
        #expect(error(.certificates([otherSize])) == .notAQuorum)
        // A notarization's signatures do not make a finalization.
        let relabelled = Certificate(
            subject: .finalization(block.header), signers: sound.signers, signatures: sound.signatures)
        #expect(error(.certificates([relabelled])) == .badSignature)
    }

    @Test func aProposalMustBeWholeAndItsRandomnessProven() throws {
        let other = Block(header: block.header, payload: Payload(bytes: [2]))
        #expect(error(.proposal(bench.proposal(other))) == .payloadMismatch)
        // A proposer that takes another's output for its own.
        let leader = bench.leader(1)
        let stranger = bench.block(1, leader: (leader + 1) % 4).header.randomness
        let header = block.header
        let lucky = Header(
            chain: header.chain, epoch: header.epoch, view: header.view, height: header.height,
            parent: header.parent, parentView: header.parentView, payload: header.payload, time: header.time,
            leader: header.leader, nextCommittee: header.nextCommittee, startState: header.startState,
            randomness: stranger)
        #expect(error(.proposal(bench.proposal(Block(header: lucky, payload: block.payload)))) == .badRandomness)
    }

    @Test func aBadCertificateIsLeftOutOfAProposal() throws {
        let proposal = bench.proposal(
            block, certificates: [bench.nullification(7, by: [0]), bench.nullification(8)])
        let position = ChainPosition(epoch: Epoch(0), view: View(1), floor: View(0))
        let message = try bench.verifier.verify(ConsensusMessage(position: position, body: .proposal(proposal)))
        guard case .proposal(let verified) = message.body else {
            Issue.record("a proposal stays a proposal")
            return
        }
        #expect(verified.certificates.map(\.view) == [View(8)])
    }

    /// What came vote by vote is not checked again in a certificate, and nothing else is let through with it.
    @Test func onlyVotesHeldToTheLastByteAreTakenAsChecked() throws {
        var stage = Stage(bench, seat: 3)
        let votes = (0..<3).map { bench.vote(.nullify, 1, by: $0) }
        try stage.receive(votes[0], votes[1])
        let sound = bench.nullification(1)
        func held(_ certificate: Certificate) -> [Vote] {
            stage.core.held(
                of: ConsensusMessage(position: stage.core.position, body: .certificates([certificate])))
        }
        #expect(held(sound) == Array(votes.prefix(2)))
        let altered = Certificate(
            subject: sound.subject, signers: sound.signers,
            signatures: [sound.signatures[1], sound.signatures[1], sound.signatures[2]])
        #expect(held(altered) == [votes[1]], "the signature of one is not that of another")
        #expect(held(bench.nullification(2)).isEmpty)
        let forged = Certificate(
            subject: sound.subject, signers: sound.signers,
            signatures: [sound.signatures[0], sound.signatures[1], sound.signatures[0]])
        let checked = held(forged)
        #expect(throws: VerificationError.badSignature) {
            try bench.verifier.verify(forged) { checked.contains($0) }
        }
        #expect(throws: Never.self) { try bench.verifier.verify(sound) { checked.contains($0) } }
    }

    /// A message is stripped of what is known before its signatures are looked at, and of nothing else.
    @Test func aMessageIsLeanWithoutWhatIsKnown() throws {
        var stage = Stage(bench, seat: 3)
        let votes = (0..<3).map { bench.vote(.nullify, 1, by: $0) }
        try stage.receive(votes[0])
        func lean(_ body: ConsensusMessage.Body) -> ConsensusMessage.Body {
            stage.core.lean(ConsensusMessage(position: stage.core.position, body: body)).body
        }
        #expect(lean(.votes(votes)) == .votes(Array(votes.dropFirst())))
        let certificates = [bench.nullification(1), bench.nullification(2)]
        #expect(lean(.certificates(certificates)) == .certificates(certificates))
        try stage.receive(certificates[0])
        #expect(lean(.certificates(certificates)) == .certificates([certificates[1]]))
        let proposal = bench.proposal(bench.block(3), certificates: certificates)
        #expect(
            lean(.proposal(proposal))
                == .proposal(
                    Proposal(block: proposal.block, signature: proposal.signature, certificates: [certificates[1]])))
    }

    @Test func otherChainsAreRefused() throws {
        let header = block.header
        let foreign = Header(
            chain: ChainID(Bytes32.zero), epoch: header.epoch, view: header.view, height: header.height,
            parent: header.parent, parentView: header.parentView, payload: header.payload, time: header.time,
            leader: header.leader, nextCommittee: header.nextCommittee, startState: header.startState,
            randomness: header.randomness)
        #expect(error(.proposal(bench.proposal(Block(header: foreign, payload: block.payload)))) == .otherChain)
        #expect(
            error(.certificates([bench.notarization(Block(header: foreign, payload: block.payload))])) == .otherChain)
    }
}
