import CairnBase

/// Casting votes: decide, persist, count, send.
extension Consensus {
    /// Everything that must hold for any vote in a view, whatever its kind.
    func mayVote(in view: View) -> Bool {
        guard epoch.me != nil, !epoch.isDecided, signing.allows(epoch.number, view) else { return false }
        return view > epoch.floor || !isInForce(.floorGuard)
    }

    /// Notarize the block of the current view.
    mutating func notarize(_ block: Digest, resting records: [SignRecord]) {
        let own = epoch.views[epoch.view]?.own ?? OwnVotes()
        guard mayVote(in: epoch.view), mayNotarize(block, after: own) else { return }
        cast(.notarize, block, in: epoch.view, resting: records)
    }

    /// One block in a view, and none in a view given up.
    func mayNotarize(_ block: Digest, after own: OwnVotes) -> Bool {
        guard !own.hasNullified else { return false }
        return own.notarize == nil || (own.notarize != block && !isInForce(.notarizeOnce))
    }

    /// Finalize a view whose block is notarized, unless we have given it up.
    mutating func finalize(_ certificate: VerifiedCertificate) {
        let own = epoch.views[certificate.view]?.own ?? OwnVotes()
        guard mayVote(in: certificate.view), own.finalize == nil else { return }
        guard !own.hasNullified || !isInForce(.noFinalizeAfterNullify) else { return }
        cast(.finalize, certificate.block, in: certificate.view, resting: [])
    }

    /// Give up the current view. Allowed after notarize, never after finalize.
    mutating func nullify() {
        let own = epoch.views[epoch.view]?.own ?? OwnVotes()
        guard mayVote(in: epoch.view), !own.hasNullified else { return }
        guard own.finalize == nil || !isInForce(.noNullifyAfterFinalize) else { return }
        cast(.nullify, .zero, in: epoch.view, resting: [])
    }

    private mutating func cast(_ kind: VoteKind, _ block: Digest, in view: View, resting records: [SignRecord]) {
        let statement = VoteStatement(epoch: epoch.number, view: view, kind: kind, block: block)
        epoch.views[view, default: ViewState()].own.set(statement)
        persist(foundations(of: view) + records, sign: statement)
    }

    /// The certificate by which a view was entered must outlive us before our first vote in it: if everyone lost
    /// it together, nobody could enter the view again, and our vote would bind us to a view that cannot be reached.
    private mutating func foundations(of view: View) -> [SignRecord] {
        guard isInForce(.certificatesBeforeVotes) else { return [] }
        var records: [SignRecord] = []
        if view == epoch.view, let entry = epoch.turn.entry { records += log(entry) }
        if let notarization = epoch.views[view]?.notarization { records += log(notarization) }
        return records
    }

    /// The record of a certificate, unless it was logged before.
    mutating func log(_ certificate: VerifiedCertificate) -> [SignRecord] {
        guard certificate.epoch == epoch.number, certificate.view > epoch.floor else { return [] }
        let isNew: Bool
        switch certificate.kind {
        case .notarize:
            isNew = !epoch.views[certificate.view, default: ViewState()].logged.notarization
            epoch.views[certificate.view, default: ViewState()].logged.notarization = true
        case .nullify:
            isNew = !epoch.views[certificate.view, default: ViewState()].logged.nullification
            epoch.views[certificate.view, default: ViewState()].logged.nullification = true
        case .finalize: isNew = false
        }
        return isNew ? [.certificate(certificate.certificate)] : []
    }

    mutating func persist(_ records: [SignRecord], sign statement: VoteStatement? = nil) {
        // A node without a key has no sign log; its blocks and certificates live in the chain's own store.
        guard key != nil, !records.isEmpty || statement != nil else { return }
        let token = nextToken
        nextToken &+= 1
        outstanding.append(Outstanding(token: token, statement: statement))
        effects.append(.persist(Persist(token: token, records: records, sign: statement)))
        if !isInForce(.persistBeforeCount), let statement, let me = epoch.me {
            count(Vote(statement: statement, voter: me, signature: .unsigned))
        }
    }

    /// A record is durable: its vote exists from now on.
    mutating func persisted(_ token: UInt64, _ signature: Signature?) {
        invariant(outstanding.first?.token == token, "records become durable in the order in which they were given")
        let first = outstanding.removeFirst()
        guard let statement = first.statement, let signature, let me = epoch.me, statement.epoch == epoch.number,
            !signing.isStopped
        else { return }
        // A view may have become final meanwhile; then nobody needs the vote.
        guard statement.view > epoch.floor || !isInForce(.floorGuard) else { return }
        let vote = Vote(statement: statement, voter: me, signature: signature)
        epoch.views[statement.view, default: ViewState()].own.durable.append(DurableVote(vote))
        let isOwnBlock =
            statement.kind == .notarize && statement.view == epoch.view
            && leader(of: statement.view) == me
        if isOwnBlock { publishProposal(vote) } else { effects.append(.scatter(.votes(unsettledVotes(with: vote)))) }
        echo(at: now + parameters.echo, in: statement.view)
        count(vote)
    }

    /// The newest vote first, then those of ours that no certificate has settled: a lost datagram costs nothing when
    /// the next one repeats it.
    func unsettledVotes(with newest: Vote? = nil) -> [DurableVote] {
        var votes = newest.map { [DurableVote($0)] } ?? []
        var view = epoch.view
        let lowest = max(epoch.floor, view.preceding(by: ConsensusLimits.viewsBehind))
        while view > lowest, votes.count < ConsensusLimits.votesPerMessage {
            for vote in epoch.views[view]?.unsettled ?? [] where vote.vote != newest {
                votes.append(vote)
            }
            view = view.preceding()
        }
        return Array(votes.prefix(ConsensusLimits.votesPerMessage))
    }
}

extension ViewState {
    /// A notarize is settled by the view's notarization, a nullify by either certificate, a finalize by the floor.
    var unsettled: [DurableVote] {
        own.durable.filter { vote in
            switch vote.vote.statement.kind {
            case .notarize: notarization == nil
            case .nullify: nullification == nil
            case .finalize: true
            }
        }
    }
}

extension Signature {
    /// Stands in a tally for an own signature that does not exist yet, when a test lifts the rule against it.
    static let unsigned = Signature(r: .zero, s: .zero)
}
