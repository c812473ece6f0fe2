import CairnBase

/// Certificates: made from votes or taken from peers, and what they set off.
extension Consensus {
    /// Makes the certificate if the votes for it are a quorum and we do not hold it.
    mutating func certify(_ kind: VoteKind, _ block: Digest, in view: View, countingAgain again: UInt64 = 0) {
        guard let state = epoch.views[view], let tally = state.tally, view > epoch.floor else { return }
        switch kind {
        case .notarize where state.notarization != nil: return
        case .nullify where state.nullification != nil: return
        default: break
        }
        guard isQuorum(tally, kind, block, countingAgain: again) else { return }
        let subject: Certificate.Subject
        if kind == .nullify {
            subject = .nullification(epoch.number, view)
        } else {
            // Votes name a digest; without the header there is nothing to certify yet.
            guard let known = epoch.blocks[block] else {
                fetch(block)
                return
            }
            subject = kind == .notarize ? .notarization(known.header) : .finalization(known.header)
        }
        let signers = heaviest(tally.supporters(kind, block))
        let certificate = Certificate(
            subject: subject, signers: SignerSet(signers.map(\.member), of: epoch.committee.count),
            signatures: signers.map(\.signature))
        accept(VerifiedCertificate(vouchedFor: certificate, block: block))
    }

    private func isQuorum(_ tally: Tally, _ kind: VoteKind, _ block: Digest, countingAgain again: UInt64) -> Bool {
        guard isInForce(.weighByStake) else {
            return tally.supporters(kind, block).count * 3 > epoch.committee.count * 2
        }
        return epoch.committee.isQuorum(tally.weight(kind, block, in: epoch.committee) + again)
    }

    /// As few signatures as make a quorum, the heaviest first, in the order of their indices.
    private func heaviest(
        _ supporters: [(member: MemberIndex, signature: Signature)]
    ) -> [(member: MemberIndex, signature: Signature)] {
        let byWeight = supporters.sorted { left, right in
            let weights = (epoch.committee.weight(of: left.member), epoch.committee.weight(of: right.member))
            return weights.0 == weights.1 ? left.member < right.member : weights.0 > weights.1
        }
        var sum: UInt64 = 0
        var chosen: [(member: MemberIndex, signature: Signature)] = []
        for supporter in byWeight where !epoch.committee.isQuorum(sum) {
            sum += epoch.committee.weight(of: supporter.member)
            chosen.append(supporter)
        }
        return chosen.sorted { $0.member < $1.member }
    }

    /// Takes a certificate into account. Anything at or below the floor is settled already.
    mutating func accept(_ certificate: VerifiedCertificate) {
        guard certificate.epoch == epoch.number else {
            counters.otherEpoch += 1
            return
        }
        guard certificate.view > epoch.floor || !isInForce(.floorGuard) else {
            counters.belowFloor += 1
            return
        }
        if let me = epoch.me, certificate.certificate.signers.contains(me) {
            witnessOwn(certificate.certificate.statement(using: hash))
        }
        switch certificate.kind {
        case .notarize: acceptNotarization(certificate)
        case .nullify: acceptNullification(certificate)
        case .finalize: acceptFinalization(certificate)
        }
    }

    private mutating func acceptNotarization(_ certificate: VerifiedCertificate) {
        let view = certificate.view
        if let held = epoch.views[view]?.notarization {
            if held.block != certificate.block { accuseSigners(of: held, and: certificate) }
            return
        }
        guard let header = certificate.header else { return }
        epoch.views[view, default: ViewState()].notarization = certificate
        know(header, digest: certificate.block)
        archive(certificate)
        finalize(certificate)
        moveOn(after: certificate)
    }

    private mutating func acceptNullification(_ certificate: VerifiedCertificate) {
        let view = certificate.view
        guard epoch.views[view]?.nullification == nil else { return }
        epoch.views[view, default: ViewState()].nullification = certificate
        archive(certificate)
        moveOn(after: certificate)
    }

    private mutating func acceptFinalization(_ certificate: VerifiedCertificate) {
        guard let header = certificate.header else { return }
        if let notarization = epoch.views[certificate.view]?.notarization, notarization.block != certificate.block {
            accuseSigners(of: notarization, and: certificate)
        }
        if let nullification = epoch.views[certificate.view]?.nullification {
            accuseSigners(of: nullification, and: certificate)
        }
        know(header, digest: certificate.block)
        archive(certificate)
        raiseFloor(to: certificate)
        moveOn(after: certificate)
    }

    private mutating func archive(_ certificate: VerifiedCertificate) {
        guard certificate.kind == .finalize || isInForce(.archiveEverything) else { return }
        effects.append(.archive(certificate))
    }

    /// A certificate of the current view or a later one opens the view after it; one of an earlier view may be the
    /// piece that a proposal was waiting for.
    private mutating func moveOn(after certificate: VerifiedCertificate) {
        if certificate.view >= epoch.view {
            enter(certificate.view.next, by: certificate)
        } else {
            considerProposing()
            considerNotarizing()
        }
    }

    /// Of a block that orders nothing the header says all. Those above an epoch's last are such, and nobody keeps them.
    private func impliedPayload(_ header: Header) -> Payload? {
        header.payload.size == 0 && header.payload == Payload.empty.reference(using: hash) ? .empty : nil
    }

    /// Remembers a block's header, and its payload if it came with one.
    mutating func know(_ header: Header, digest: Digest, payload given: Payload? = nil) {
        let payload = given ?? impliedPayload(header)
        if epoch.blocks[digest] == nil {
            epoch.blocks[digest] = KnownBlock(
                digest: digest, header: header, payload: payload,
                randomness: header.randomness.next(using: hash), seenAt: now)
        } else if let payload {
            epoch.blocks.mutate(digest) { $0.payload = payload }
        }
    }
}
