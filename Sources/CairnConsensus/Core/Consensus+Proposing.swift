import CairnBase

/// The leader's part.
extension Consensus {
    /// The block to build on in `view`: the highest notarized one with every view between nullified. When a
    /// certificate is missing, the view it is missing in.
    func parent(for view: View) -> Result<Parent, MissingCertificate> {
        var below = view.preceding()
        while below > epoch.floor {
            guard let state = epoch.views[below] else { return .failure(MissingCertificate(view: below)) }
            if let notarization = state.notarization, let parent = parent(notarization.block) {
                return .success(parent)
            }
            guard state.nullification != nil else { return .failure(MissingCertificate(view: below)) }
            below = below.preceding()
        }
        // A finalized block, and the one the epoch starts from, are notarized.
        guard isInForce(.finalizedCountsAsNotarized) else { return .failure(MissingCertificate(view: below)) }
        return .success(epoch.base)
    }

    struct MissingCertificate: Error, Equatable {
        let view: View
    }

    func parent(_ digest: Digest) -> Parent? {
        epoch.blocks[digest].map { known in
            Parent(
                view: known.header.view, block: digest, height: known.header.height, time: known.header.time,
                randomness: known.randomness, seenAt: known.seenAt)
        }
    }

    /// Asks for a payload once we lead, know what to build on, and the pace allows it.
    mutating func considerProposing() {
        let view = epoch.view
        guard let me = epoch.me, leader(of: view) == me, mayVote(in: view), epoch.turn.proposing == nil,
            !epoch.turn.waitsForPace
        else { return }
        let own = epoch.views[view]?.own ?? OwnVotes()
        guard own.notarize == nil, !own.hasNullified else { return }
        guard case .success(let parent) = parent(for: view) else {
            askForMissing()
            return
        }
        let due = parent.seenAt + parameters.pace
        if now < due {
            epoch.turn.waitsForPace = true
            setTimer(.propose, at: due)
            return
        }
        epoch.turn.proposing = parent
        let height = parent.height.next
        effects.append(
            .requestPayload(
                PayloadRequest(
                    epoch: epoch.number, view: view, height: height, parent: parent.block,
                    randomnessInput: Randomness.input(
                        chain: chain, height: height, previous: parent.randomness, using: hash),
                    mustBeEmpty: height > epoch.lastHeight && isInForce(.epochEnds),
                    failedViews: view.number - parent.view.number - 1)))
    }

    /// Builds the block and has it persisted with our notarize, which is the proposal's signature.
    mutating func propose(_ offer: PayloadOffer) {
        guard offer.epoch == epoch.number, offer.view == epoch.view, let me = epoch.me,
            let parent = epoch.turn.proposing, epoch.views[offer.view]?.proposal == nil
        else { return }
        let height = parent.height.next
        let mustBeEmpty = height > epoch.lastHeight && isInForce(.epochEnds)
        let isTooLarge = offer.payload.bytes.count > ConsensusLimits.payloadBytes
        let payload = mustBeEmpty || isTooLarge ? .empty : offer.payload
        let header = Header(
            chain: chain, epoch: epoch.number, view: offer.view, height: height, parent: parent.block,
            parentView: parent.view, payload: payload.reference(using: hash), time: max(offer.time, parent.time),
            leader: me, nextCommittee: epoch.plan.nextCommittee, startState: epoch.plan.startState,
            randomness: RandomnessStep(previous: parent.randomness, output: offer.output, proof: offer.proof))
        let digest = header.digest(using: hash)
        know(header, digest: digest, payload: payload)
        epoch.views[offer.view, default: ViewState()].proposal = ViewState.Candidate(digest: digest, check: .valid)
        notarize(digest, resting: restingRecords(for: digest))
    }

    /// Our proposal's vote is durable: send it, with the certificates a voter may lack.
    mutating func publishProposal(_ vote: Vote) {
        guard let known = epoch.blocks[vote.statement.block], let payload = known.payload else { return }
        let proposal = DurableProposal(
            Proposal(
                block: Block(header: known.header, payload: payload), signature: vote.signature,
                certificates: certificates(for: known.header).map(\.certificate)))
        epoch.turn.proposal = proposal
        effects.append(.broadcast(.proposal(proposal)))
    }

    /// What opened the view and what the block stands on, as far as there is room; voters ask for the rest.
    private func certificates(for header: Header) -> [VerifiedCertificate] {
        var chosen: [VerifiedCertificate] = []
        if let entry = epoch.turn.entry { chosen.append(entry) }
        if let notarization = epoch.views[header.parentView]?.notarization { chosen.append(notarization) }
        var below = epoch.view.preceding()
        while below > header.parentView, chosen.count <= ConsensusLimits.certificatesPerProposal {
            if let nullification = epoch.views[below]?.nullification { chosen.append(nullification) }
            below = below.preceding()
        }
        let distinct = chosen.enumerated().filter { chosen.firstIndex(of: $0.element) == $0.offset }.map(\.element)
        return Array(distinct.prefix(ConsensusLimits.certificatesPerProposal))
    }

    /// What must be durable with a notarize: the block, its parent's notarization, and every nullification between.
    mutating func restingRecords(for digest: Digest) -> [SignRecord] {
        guard let known = epoch.blocks[digest], let payload = known.payload else { return [] }
        var records: [SignRecord] = []
        if isInForce(.certificatesBeforeVotes) {
            var below = epoch.view.preceding()
            while below > epoch.floor, below >= known.header.parentView {
                let state = epoch.views[below]
                let used = below == known.header.parentView ? state?.notarization : state?.nullification
                if let used { records += log(used) }
                below = below.preceding()
            }
        }
        if !known.isLogged {
            epoch.blocks.mutate(digest) { $0.isLogged = true }
            records.append(.block(Block(header: known.header, payload: payload)))
        }
        return records
    }
}
