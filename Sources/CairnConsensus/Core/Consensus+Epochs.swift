import CairnBase

/// From one epoch to the next.
extension Consensus {
    /// Begins the next epoch. The plan comes from our own ledger, which has executed the block the old one ended with;
    /// the finalization of that block was logged before it was handed out, so it is durable before any vote here.
    mutating func beginEpoch(_ plan: EpochPlan) {
        guard epoch.isOver, plan.epoch == epoch.number.next else { return }
        invariant(plan.anchor == epoch.committed, "an epoch starts from the block the one before ended with")
        invariant(
            plan.committee.hash(using: hash) == epoch.plan.nextCommittee,
            "a committee is the one that the headers before it committed to")
        var next = Self.state(of: plan, chain: chain, key: key, parameters: parameters, hash: hash, at: now)
        epoch.carryHearing(into: &next)
        epoch = next
        if let unread, !signing.isStopped {
            readLog(unread.log, nonce: unread.nonce)
        } else {
            enter(View(1), by: nil)
        }
        let waiting = early
        early = []
        for message in waiting { receive(message.message, from: message.from) }
    }

    /// Others may enter the next epoch a moment before us. Their first messages are kept, a few from each member, so
    /// that the change costs no retry.
    mutating func keepForNextEpoch(_ message: VerifiedMessage, from sender: NodeID) -> Bool {
        guard message.position.epoch == epoch.number.next, epoch.isDecided else { return false }
        switch message.body {
        case .proposal(let proposal) where proposal.header.epoch == epoch.number.next: break
        case .votes(let votes) where votes.first?.statement.epoch == epoch.number.next: break
        default: return false
        }
        let fromSender = early.count { $0.from == sender }
        guard fromSender < Self.earlyPerSender, early.count < epoch.committee.count * Self.earlyPerSender else {
            counters.early += 1
            return true
        }
        early.append(EarlyMessage(message: message, from: sender))
        return true
    }

    private static var earlyPerSender: Int { 3 }
}
