import CairnBase
import CairnWire

/// Timers: when to give a view up, and when to say things again.
extension Consensus {
    mutating func setTimer(_ kind: ConsensusTimer.Kind, after span: TimeSpan) {
        setTimer(kind, at: now + span)
    }

    mutating func setTimer(_ kind: ConsensusTimer.Kind, at instant: Instant) {
        effects.append(
            .setTimer(ConsensusTimer(kind: kind, epoch: epoch.number, view: epoch.view), at: instant))
    }

    mutating func fire(_ timer: ConsensusTimer) {
        if timer.kind == .restart {
            restartTimerFired()
            return
        }
        guard timer.epoch == epoch.number else { return }
        if timer.kind == .echo {
            echo(timer.view)
            return
        }
        guard timer.view == epoch.view else { return }
        switch timer.kind {
        case .lead:
            epoch.turn.hasLeadExpired = true
            giveUpIfExpired()
        case .advance:
            epoch.turn.hasExpired = true
            giveUpIfExpired()
        case .propose:
            epoch.turn.waitsForPace = false
            considerProposing()
        case .retry: retry()
        case .restart, .echo: break
        }
    }

    mutating func echo(at instant: Instant, in view: View) {
        guard isInForce(.retry) else { return }
        effects.append(.setTimer(ConsensusTimer(kind: .echo, epoch: epoch.number, view: view), at: instant))
    }

    /// Says everything a second time, and by the other way: votes went by the quickest and now go by the surest, a
    /// proposal went by the surest and now goes by the quickest, if it is small. Votes are repeated whether or not they
    /// are settled here: where one was lost they may not be.
    private mutating func echo(_ view: View) {
        if view == epoch.view, let proposal = epoch.turn.proposal,
            proposal.proposal.encoded.count <= ConsensusLimits.echoedProposalBytes
        {
            effects.append(.scatter(.proposal(proposal)))
        } else if let votes = epoch.views[view]?.own.durable, !votes.isEmpty {
            effects.append(.broadcast(.votes(votes)))
        }
    }

    /// A view is given up when its time is over, when its leader's block is refused, and when its leader gives it up.
    /// A proposal that still waits for its ancestors or its validation stops the first timer, not the second.
    mutating func giveUpIfExpired() {
        let candidate = epoch.views[epoch.view]?.proposal
        let isLate = epoch.turn.hasExpired || (epoch.turn.hasLeadExpired && candidate == nil)
        if isLate || candidate?.check == .invalid || hasLeaderGivenUp { nullify() }
    }

    private var hasLeaderGivenUp: Bool {
        guard isInForce(.followLeaderNullify), let tally = epoch.views[epoch.view]?.tally else { return false }
        return tally.ballot(.nullify, of: leader(of: epoch.view)) != nil
    }

    /// Repeats what is unsettled, every D and never slower than the cap, whatever the view's own timers do: a lost
    /// message must not cost more than a retry.
    private mutating func retry() {
        epoch.turn.retries += 1
        setTimer(.retry, after: min(epoch.turn.delay, parameters.longestRetry))
        giveUpIfExpired()
        fetchMissing()
        guard isInForce(.retry) else { return }
        let votes = unsettledVotes()
        if !votes.isEmpty { effects.append(.broadcast(.votes(votes))) }
        if let proposal = epoch.turn.proposal { resend(proposal) }
        if epoch.turn.retries >= 2, let entry = epoch.turn.entry ?? previousEnd {
            effects.append(.broadcast(.certificates([entry])))
        }
        askForMissing(again: true)
        if epoch.me == nil { askForNews() }
    }

    /// To those who have not voted in this view: the others have it.
    private mutating func resend(_ proposal: DurableProposal) {
        let tally = epoch.views[epoch.view]?.tally
        for (index, member) in epoch.committee.members.enumerated() {
            let seat = MemberIndex(UInt16(index))
            guard seat != epoch.me, tally?.ballot(.notarize, of: seat) == nil else { continue }
            effects.append(.send(.proposal(proposal), to: member.node))
        }
    }

    /// Who does not vote hears certificates only by asking, or by the gossip of the shell.
    private mutating func askForNews() {
        let request = CertificateRequest(epoch: epoch.number, first: epoch.view, last: epoch.view)
        effects.append(.broadcast(.certificateRequest(request)))
    }
}
