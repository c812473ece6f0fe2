import CairnBase

/// Messages: where they are sorted, and turned away when they are of no use.
extension Consensus {
    mutating func receive(_ message: VerifiedMessage, from sender: NodeID) {
        note(message.position, of: sender)
        if keepForNextEpoch(message, from: sender) { return }
        switch message.body {
        case .proposal(let proposal): receive(proposal, from: sender)
        case .votes(let votes): for vote in votes { receive(vote) }
        case .certificates(let certificates): for certificate in certificates { accept(certificate) }
        case .certificateRequest(let request): answer(request, of: sender)
        case .statusRequest(let request): answer(request, of: sender)
        case .status(let status): receive(status)
        }
    }

    /// A vote counts in its view's tally, whoever brought it.
    mutating func receive(_ vote: Vote) {
        let statement = vote.statement
        guard statement.epoch == epoch.number else {
            counters.otherEpoch += 1
            return
        }
        guard epoch.committee[vote.voter] != nil else {
            counters.foreignMember += 1
            return
        }
        if vote.voter == epoch.me {
            witnessOwn(statement)
            return
        }
        epoch.peers[Int(vote.voter.number)].heardAt = now
        count(vote)
        if statement.kind == .nullify, statement.view == epoch.view { giveUpIfExpired() }
    }

    /// Adds a vote to its tally; at a quorum, a certificate is made of it.
    mutating func count(_ vote: Vote) {
        let statement = vote.statement
        guard isInWindow(statement.view) else { return }
        let size = epoch.committee.count
        let outcome = epoch.views[statement.view, default: ViewState()].count(vote, of: size)
        switch outcome {
        case .alreadyKnown:
            guard !isInForce(.countOnce) else { return }
            let again = epoch.committee.weight(of: vote.voter)
            certify(statement.kind, statement.block, in: statement.view, countingAgain: again)
            return
        case .added: break
        case .contradicts(let ballot):
            accuse(
                vote,
                Vote(
                    statement: VoteStatement(
                        epoch: statement.epoch, view: statement.view, kind: statement.kind, block: ballot.block),
                    voter: vote.voter, signature: ballot.signature))
        }
        accuseIfSkippedAndFinalized(vote)
        certify(statement.kind, statement.block, in: statement.view)
    }

    /// Views whose votes are kept: above the floor, a little behind, and two ahead.
    func isInWindowUncounted(_ view: View) -> Bool {
        guard isInForce(.boundedWindow) else { return view > epoch.floor }
        let current = epoch.view
        return view > epoch.floor && view >= current.preceding(by: ConsensusLimits.viewsBehind)
            && view <= current.advanced(by: ConsensusLimits.viewsAhead)
    }

    mutating func isInWindow(_ view: View) -> Bool {
        let isKept = isInWindowUncounted(view)
        if !isKept { counters.outsideWindow += 1 }
        return isKept
    }

    /// A vote under our own key that we did not cast: the key is in use elsewhere, or the log was rolled back.
    mutating func witnessOwn(_ statement: VoteStatement) {
        // While the log is being read, what it proves cannot be foreign to it.
        guard isInForce(.stopOnForeignVote), signing.standing != .silent, statement.view > epoch.floor else { return }
        if epoch.views[statement.view]?.own.holds(statement) ?? false { return }
        stop(.keyUsedElsewhere(statement))
    }

    mutating func stop(_ reason: StopReason) {
        guard !signing.isStopped else { return }
        signing.standing = .stopped(reason)
        persist([.retired(reason)])
        effects.append(.stopVoting(reason))
    }
}

extension ViewState {
    mutating func count(_ vote: Vote, of size: Int) -> Tally.Outcome {
        if tally == nil { tally = Tally(size: size) }
        return tally?.add(vote) ?? .alreadyKnown
    }
}
