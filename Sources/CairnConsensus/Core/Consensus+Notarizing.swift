import CairnBase

/// The voter's part: from a proposal to a notarize vote.
extension Consensus {
    mutating func receive(_ proposal: VerifiedProposal, from sender: NodeID) {
        let header = proposal.header
        guard header.epoch == epoch.number else {
            counters.otherEpoch += 1
            return
        }
        for certificate in proposal.certificates where certificate.epoch == epoch.number { accept(certificate) }
        guard header.leader == leader(of: header.view) else {
            effects.append(.penalise(sender, .notTheLeader))
            return
        }
        if proposal.vote.voter == epoch.me {
            witnessOwn(proposal.vote.statement)
            return
        }
        epoch.peers[Int(header.leader.number)].heardAt = now
        supplyPayload(proposal)
        guard isInWindow(header.view) else { return }
        if epoch.views[header.view]?.proposal == nil || !isInForce(.notarizeOnce) {
            know(header, digest: proposal.digest, payload: proposal.block.payload)
            epoch.views[header.view, default: ViewState()].proposal = ViewState.Candidate(digest: proposal.digest)
        }
        count(proposal.vote)
        certify(.notarize, proposal.digest, in: header.view)
        certify(.finalize, proposal.digest, in: header.view)
        considerNotarizing()
    }

    /// A proposal may bring the body of a block that is already certified or final here.
    private mutating func supplyPayload(_ proposal: VerifiedProposal) {
        guard let known = epoch.blocks[proposal.digest], known.payload == nil else { return }
        know(proposal.header, digest: proposal.digest, payload: proposal.block.payload)
        commitFinal()
    }

    /// Votes for the leader's first proposal once it is known to stand on sound ground and its body is valid.
    mutating func considerNotarizing() {
        let view = epoch.view
        guard mayVote(in: view), let state = epoch.views[view], let candidate = state.proposal,
            mayNotarize(candidate.digest, after: state.own),
            let known = epoch.blocks[candidate.digest], let payload = known.payload
        else { return }
        switch candidate.check {
        case .invalid, .asked: return
        case .valid: notarize(candidate.digest, resting: restingRecords(for: candidate.digest))
        case .waiting:
            switch ground(of: known.header) {
            case .missing: askForMissing()
            case .refused(let misbehaviour): refuse(candidate.digest, misbehaviour)
            case .sound:
                epoch.views.mutate(view) { $0.proposal?.check = .asked }
                effects.append(
                    .validatePayload(Block(header: known.header, payload: payload), digest: candidate.digest))
                if !isInForce(.validateBeforeRecord) {
                    notarize(candidate.digest, resting: restingRecords(for: candidate.digest))
                }
            }
        }
    }

    enum Ground: Equatable {
        case sound
        /// A certificate it stands on is not held yet.
        case missing
        case refused(Misbehaviour)
    }

    /// Whether a header stands where it says: on a notarized block, with every view between nullified.
    func ground(of header: Header) -> Ground {
        guard header.parentView < header.view, header.parentView >= epoch.floor else {
            return .refused(.malformedBlock)
        }
        guard header.nextCommittee == epoch.plan.nextCommittee || !isInForce(.nextCommitteeCheck) else {
            return .refused(.otherNextCommittee)
        }
        guard header.startState == epoch.plan.startState || !isInForce(.startStateCheck) else {
            return .refused(.otherStartState)
        }
        if isInForce(.epochEnds), header.height > epoch.lastHeight, header.payload.size > 0 {
            return .refused(.malformedBlock)
        }
        let parent: Parent
        if header.parentView == epoch.floor {
            guard isInForce(.finalizedCountsAsNotarized) else { return .missing }
            parent = epoch.base
        } else {
            guard let notarization = epoch.views[header.parentView]?.notarization,
                let found = self.parent(notarization.block)
            else { return .missing }
            parent = found
        }
        guard parent.block == header.parent, header.height == parent.height.next,
            header.height > parent.height, header.time >= parent.time
        else { return .refused(.malformedBlock) }
        guard header.randomness.previous == parent.randomness || !isInForce(.randomnessChain) else {
            return .refused(.malformedBlock)
        }
        return isSkipped(from: header.parentView, to: header.view) ? .sound : .missing
    }

    /// A nullification is held of every view strictly between the two.
    private func isSkipped(from low: View, to high: View) -> Bool {
        guard isInForce(.ancestry) else { return true }
        var view = high.preceding()
        while view > low {
            guard epoch.views[view]?.nullification != nil else { return false }
            view = view.preceding()
        }
        return true
    }

    private mutating func refuse(_ digest: Digest, _ misbehaviour: Misbehaviour) {
        guard let header = epoch.blocks[digest]?.header else { return }
        epoch.views.mutate(header.view) { $0.proposal?.check = .invalid }
        if let leader = epoch.committee[header.leader] { effects.append(.penalise(leader.node, misbehaviour)) }
        giveUpIfExpired()
    }

    mutating func validated(_ digest: Digest, isValid: Bool) {
        guard let header = epoch.blocks[digest]?.header, let candidate = epoch.views[header.view]?.proposal,
            candidate.digest == digest, candidate.check == .asked
        else { return }
        if isValid {
            epoch.views.mutate(header.view) { $0.proposal?.check = .valid }
            considerNotarizing()
        } else {
            refuse(digest, .invalidPayload)
        }
    }
}
