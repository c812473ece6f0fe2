import CairnBase

/// Contradictions are handed out the moment they are seen, once for each offender and epoch.
extension Consensus {
    mutating func accuse(_ left: Vote, _ right: Vote) {
        guard let evidence = Evidence(left, right), !epoch.accused[Int(evidence.offender.number)] else { return }
        epoch.accused[Int(evidence.offender.number)] = true
        effects.append(.evidence(evidence))
    }

    mutating func accuseIfSkippedAndFinalized(_ vote: Vote) {
        let other: VoteKind
        switch vote.statement.kind {
        case .notarize: return
        case .nullify: other = .finalize
        case .finalize: other = .nullify
        }
        guard let ballot = epoch.views[vote.statement.view]?.tally?.ballot(other, of: vote.voter) else { return }
        let statement = VoteStatement(
            epoch: vote.statement.epoch, view: vote.statement.view, kind: other, block: ballot.block)
        accuse(vote, Vote(statement: statement, voter: vote.voter, signature: ballot.signature))
    }

    /// Two certificates of one view that cannot both be honest name a third of the stake.
    mutating func accuseSigners(of left: VerifiedCertificate, and right: VerifiedCertificate) {
        for evidence in Evidence.between(left.certificate, right.certificate, using: hash) {
            accuse(evidence.first, evidence.second)
        }
    }
}
