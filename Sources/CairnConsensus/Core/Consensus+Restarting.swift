import CairnBase

/// Starting with a log, and making sure that it is the newest one this key has written.
///
/// A log can look sound and still be old: a restored disk image, a copied key. So a restarted validator first asks
/// the others where the chain is and which of its votes they hold. Until a quorum of them has answered, or 2 D have
/// passed, it casts no vote at all. For another D it leaves alone the views in which a newer log could have voted: from
/// the last view in this log up to one beyond the best view the others prove. A vote of ours that this log does not
/// know, whenever it is seen, ends the validator for good. Leaving those views alone for ever instead would stop the
/// chain: of a third that is silent and one that restarts, a view that waits for both would never end.
extension Consensus {
    mutating func start(_ recovered: Recovered?, nonce: UInt64) {
        guard case .silent = signing.standing, epoch.view == View(0) else { return }
        epoch = Self.state(
            of: epoch.plan, chain: chain, key: key, parameters: parameters, hash: hash, at: now)
        guard let recovered else {
            signing.standing = .active
            enter(View(1), by: nil)
            return
        }
        signing.lowestEpoch = recovered.votes.map(\.statement.epoch).max() ?? Epoch(0)
        if let executed = recovered.executed { epoch.committed = executed }
        readLog(recovered, nonce: nonce)
    }

    /// Reads what the log holds of the current epoch. The chain's own store may be behind the log; what belongs to
    /// later epochs is kept until they begin, because votes cast in them bind us all the same.
    mutating func readLog(_ recovered: Recovered, nonce: UInt64) {
        signing.standing = .silent
        signing.lastLogged = View(0)
        signing.refusedThrough = View(0)
        restore(recovered)
        unread = signing.lowestEpoch > epoch.number ? Unread(log: recovered, nonce: nonce &+ 1) : nil
        if recovered.isRetired {
            signing.standing = .stopped(.retired)
            effects.append(.stopVoting(.retired))
        } else if key == nil || !isInForce(.askBeforeVoting) {
            signing.standing = .active
        } else {
            let nobody = [Bool](repeating: false, count: epoch.committee.count)
            signing.standing = .asking(nonce: nonce, answered: nobody)
            keepStanding(for: parameters.delay * 2)
            askForStatus(nonce: nonce)
        }
        resume()
    }

    private mutating func keepStanding(for span: TimeSpan) {
        signing.standingUntil = now + span
        setTimer(.restart, at: signing.standingUntil)
    }

    private mutating func askForStatus(nonce: UInt64) {
        effects.append(.broadcast(.statusRequest(statusRequest(nonce))))
    }

    private func statusRequest(_ nonce: UInt64) -> StatusRequest {
        StatusRequest(nonce: nonce, epoch: epoch.number, lastLogged: signing.lastLogged)
    }

    /// A process that starts has no connections yet: whoever comes while it asks is asked then.
    mutating func meet(_ node: NodeID) {
        guard case .asking(let nonce, _) = signing.standing else { return }
        effects.append(.send(.statusRequest(statusRequest(nonce)), to: node))
    }

    /// Puts everything the log holds of this epoch back where it was. No vote is cast meanwhile: `standing` is silent.
    private mutating func restore(_ recovered: Recovered) {
        for block in recovered.blocks where block.header.epoch == epoch.number {
            know(block.header, digest: block.header.digest(using: hash), payload: block.payload)
        }
        for vote in recovered.votes where vote.statement.epoch == epoch.number {
            signing.lastLogged = max(signing.lastLogged, vote.statement.view)
        }
        epoch.turn = Turn(view: highestView(in: recovered), enteredAt: now, delay: .zero)
        // The floor first: what lies below it is settled, and the log may hold only parts of it.
        let certificates = recovered.certificates.filter { $0.epoch == epoch.number }
        let newest = certificates.filter { $0.kind == .finalize }.max { $0.view < $1.view }
        for certificate in [newest].compactMap({ $0 }) + certificates {
            accept(VerifiedCertificate(vouchedFor: certificate, block: certificate.statement(using: hash).block))
        }
        if isInForce(.keepOwnFlags) { restoreOwnVotes(recovered.votes) }
        epoch.blocks.mutateAll { _, block in block.isLogged = block.payload != nil }
        epoch.views.mutateAll { _, state in
            state.logged.notarization = state.notarization != nil
            state.logged.nullification = state.nullification != nil
        }
    }

    private mutating func restoreOwnVotes(_ votes: [Vote]) {
        for vote in votes where vote.statement.epoch == epoch.number && vote.statement.view > epoch.floor {
            epoch.views[vote.statement.view, default: ViewState()].own.set(vote.statement)
            epoch.views[vote.statement.view, default: ViewState()].own.durable.append(DurableVote(vote))
        }
    }

    /// The highest view that a certificate opened or that we voted in.
    private func highestView(in recovered: Recovered) -> View {
        var highest = max(View(1), signing.lastLogged)
        for certificate in recovered.certificates where certificate.epoch == epoch.number {
            highest = max(highest, certificate.view.next)
        }
        return highest
    }

    /// Enters the restored view, counts our own votes again and sends them again, byte for byte.
    private mutating func resume() {
        let view = epoch.view
        let entry = epoch.views[view.preceding()].flatMap { $0.notarization ?? $0.nullification }
        enter(view, by: entry ?? (epoch.floor == view.preceding() ? epoch.finalization : nil))
        guard let me = epoch.me, !signing.isStopped else { return }
        let own = epoch.views.flatMap { $0.value.own.durable }
        if isInForce(.recountOwnVotes) { for vote in own { count(vote.vote) } }
        let votes = unsettledVotes()
        if !votes.isEmpty { effects.append(.broadcast(.votes(votes))) }
        if leader(of: epoch.view) == me, let vote = own.last(where: { isProposal($0.vote, in: epoch.view) }) {
            publishProposal(vote.vote)
        }
        fetchMissing()
    }

    private func isProposal(_ vote: Vote, in view: View) -> Bool {
        vote.statement.kind == .notarize && vote.statement.view == view
    }

    mutating func answer(_ request: StatusRequest, of sender: NodeID) {
        guard let me = epoch.me, !signing.isStopped, mayTellStatus(sender) else { return }
        var held: [Vote] = []
        if request.epoch == epoch.number, let asker = epoch.committee.index(of: sender) {
            for (view, state) in epoch.views.entries(from: request.lastLogged.next) {
                guard held.count < ConsensusLimits.votesPerMessage else { break }
                held += state.tally?.votes(of: asker, epoch: epoch.number, view: view) ?? []
            }
        }
        let answer = StatusAnswer(
            statement: StatusStatement(nonce: request.nonce, position: epoch.position), member: me,
            entry: epoch.turn.entry ?? epoch.finalization ?? previousEnd,
            votesOfAsker: Array(held.prefix(ConsensusLimits.votesPerMessage)))
        effects.append(.answerStatus(answer, to: sender))
    }

    /// Only what an answer proves is believed: a liar's claim to be far ahead would silence us.
    mutating func receive(_ status: VerifiedStatus) {
        for vote in status.votesOfAsker where vote.voter == epoch.me && vote.statement.epoch == epoch.number {
            witnessOwn(vote.statement)
        }
        if let entry = status.entry, entry.epoch == epoch.number {
            signing.refusedThrough = max(signing.refusedThrough, entry.view.advanced(by: 2))
            accept(entry)
        }
        guard case .asking(let nonce, var answered) = signing.standing, status.statement.nonce == nonce,
            status.member != epoch.me, Int(status.member.number) < answered.count
        else { return }
        answered[Int(status.member.number)] = true
        signing.standing = .asking(nonce: nonce, answered: answered)
        var weight: UInt64 = 0
        for index in answered.indices where answered[index] {
            weight += epoch.committee.weight(of: MemberIndex(UInt16(index)))
        }
        if epoch.committee.isQuorum(weight) { beginWatching() }
    }

    mutating func restartTimerFired() {
        guard now >= signing.standingUntil else { return }
        switch signing.standing {
        case .asking: beginWatching()
        case .watching:
            signing.standing = .active
            catchUpOnVotes()
        case .silent, .active, .stopped: break
        }
    }

    private mutating func beginWatching() {
        signing.standing = .watching
        // What a newer log sent before this process started has arrived within D/2, and what was made of it after another.
        keepStanding(for: parameters.delay)
        catchUpOnVotes()
    }

    /// Casts the votes that waited for the standing to change.
    private mutating func catchUpOnVotes() {
        for (_, state) in epoch.views {
            if let notarization = state.notarization { finalize(notarization) }
        }
        considerProposing()
        considerNotarizing()
        giveUpIfExpired()
    }
}
