import CairnBase

/// Entering views, and the delays of a view.
extension Consensus {
    mutating func enter(_ view: View, by entry: VerifiedCertificate?) {
        epoch.turn = Turn(view: view, entry: entry, enteredAt: now, delay: delay(of: view))
        forgetOldVotes()
        let delay = epoch.turn.delay
        setTimer(.retry, after: min(delay, parameters.longestRetry))
        guard !epoch.isDecided else { return }
        if let entry, entry.kind == .nullify { tellOthers(of: entry) }
        setTimer(.lead, after: parameters.pace + delay * 2)
        setTimer(.advance, after: parameters.pace + delay * 3)
        if isLeaderSilent() {
            epoch.turn.hasLeadExpired = true
            epoch.turn.hasExpired = true
        }
        // Votes and a proposal for this view may have come before its entry.
        for kind in VoteKind.allCases { certifyHeld(kind) }
        guard epoch.view == view else { return }
        considerProposing()
        considerNotarizing()
        giveUpIfExpired()
    }

    private mutating func certifyHeld(_ kind: VoteKind) {
        let view = epoch.view
        switch kind {
        case .nullify: certify(kind, .zero, in: view)
        case .notarize, .finalize:
            if let candidate = epoch.views[view]?.proposal { certify(kind, candidate.digest, in: view) }
        }
    }

    /// D grows by a quarter for each view that has brought no final block, so that a network slower than expected is waited
    /// for; it does not grow beyond its cap, so that a network that heals is noticed. That a view was notarized is not
    /// enough: where everyone gives views up a moment too early, they are notarized late and never final. Only the view
    /// just notarized does not count, because its finalization is on its way.
    func delay(of view: View) -> TimeSpan {
        guard isInForce(.adaptiveDelay) else { return parameters.delay }
        var delay = parameters.delay
        var below = view.preceding()
        if epoch.views[below]?.notarization != nil { below = below.preceding() }
        while below > epoch.floor, delay < parameters.longestDelay {
            delay = TimeSpan(nanoseconds: delay.nanoseconds / 4) * 5
            below = below.preceding()
        }
        return min(delay, parameters.longestDelay)
    }

    /// The next leader cannot propose before it knows that the view is skipped, and no vote tells it soon enough.
    private mutating func tellOthers(of entry: VerifiedCertificate) {
        guard isInForce(.tellNextLeader) else { return }
        let leader = leader(of: epoch.view)
        for (index, member) in epoch.committee.members.enumerated() {
            let member = (index: MemberIndex(UInt16(index)), node: member.node)
            guard member.index != epoch.me else { continue }
            if member.index == leader || epoch.peers[index].view < epoch.view {
                effects.append(.send(.certificates([entry]), to: member.node))
            }
        }
    }

    /// A leader that has been silent for long while a quorum spoke is not waited for. Only votes and proposals of others
    /// count as speech; we are of the quorum because our own vote would be, or a third that is gone could never be skipped.
    private func isLeaderSilent() -> Bool {
        let leader = leader(of: epoch.view)
        guard let me = epoch.me, leader != me,
            epoch.peers[Int(leader.number)].isSilent(now: now, for: parameters.skipAfter)
        else { return false }
        var speaking = epoch.committee.weight(of: me)
        for (index, peer) in epoch.peers.enumerated() where peer.isHeard(now: now, within: parameters.skipAfter) {
            speaking += epoch.committee.weight(of: MemberIndex(UInt16(index)))
        }
        return epoch.committee.isQuorum(speaking)
    }

    /// Others' votes of views behind the window go; certificates and our own votes stay until the view is final.
    private mutating func forgetOldVotes() {
        guard isInForce(.boundedWindow) else { return }
        let lowest = epoch.view.preceding(by: ConsensusLimits.viewsBehind)
        guard lowest > epoch.talliesFrom else { return }
        let keepsOwnFlags = isInForce(.keepOwnFlags)
        let stale = epoch.views.entries(in: epoch.talliesFrom..<lowest).map(\.key)
        for view in stale {
            epoch.views.mutate(view) { state in
                state.tally = nil
                if !keepsOwnFlags { state.own = OwnVotes() }
            }
        }
        epoch.blocks.mutateAll { _, block in
            if block.header.view < lowest { block.payload = nil }
        }
        epoch.talliesFrom = lowest
    }
}
