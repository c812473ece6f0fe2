import CairnBase

/// Everything a node knows of the epoch it is in. A new epoch starts from a new value.
struct EpochState: Sendable, Equatable {
    let plan: EpochPlan
    let seed: Digest
    /// Our seat, if we have one.
    let me: MemberIndex?
    let lastHeight: Height

    var turn: Turn
    /// The last finalized view. It never decreases.
    var floor = View(0)
    var finalization: VerifiedCertificate?
    /// The block the floor stands on.
    var base: Parent
    /// The last block handed out as final; it trails `base` while blocks are missing.
    var committed: Anchor
    var views = OrderedMap<View, ViewState>()
    var blocks = OrderedMap<Digest, KnownBlock>()
    /// When each missing block was last asked for.
    var fetches = OrderedMap<Digest, Instant>()
    var peers: [PeerRecord]
    var strangers = StrangerAllowance()
    /// Members whose evidence has been handed out, one for each epoch.
    var accused: [Bool]
    /// Tallies below this view have been dropped.
    var talliesFrom = View(0)
    /// The last block of the epoch has been handed out.
    var isOver = false

    init(plan: EpochPlan, seed: Digest, me: MemberIndex?, epochLength: UInt64, at now: Instant) {
        self.plan = plan
        self.seed = seed
        self.me = me
        lastHeight = plan.lastHeight(epochLength: epochLength)
        turn = Turn(view: View(0), enteredAt: now, delay: .zero)
        base = Parent(
            view: View(0), block: plan.anchor.block, height: plan.anchor.height, time: plan.anchor.time,
            randomness: plan.anchor.randomness, seenAt: now)
        committed = plan.anchor
        peers = [PeerRecord](repeating: PeerRecord(awaitedSince: now), count: plan.committee.count)
        accused = [Bool](repeating: false, count: plan.committee.count)
    }

    /// Whoever sits in the next epoch too is as silent there as it was here.
    func carryHearing(into next: inout EpochState) {
        for (index, member) in next.committee.members.enumerated() {
            guard let seat = committee.index(of: member.key) else { continue }
            next.peers[index].heardAt = peers[Int(seat.number)].heardAt
        }
    }

    var number: Epoch { plan.epoch }
    var committee: Committee { plan.committee }
    var view: View { turn.view }
    var position: ChainPosition { ChainPosition(epoch: number, view: view, floor: floor) }

    /// The last block that counts is final, even if we do not hold it yet: nothing is left to vote on.
    var isDecided: Bool { base.height >= lastHeight }
}

/// The view being played.
struct Turn: Sendable, Equatable {
    let view: View
    /// The certificate that opened it; none for the first view of an epoch.
    var entry: VerifiedCertificate?
    let enteredAt: Instant
    /// D of this view.
    let delay: TimeSpan
    /// The time for an acceptable proposal is over.
    var hasLeadExpired = false
    /// The time for the whole view is over.
    var hasExpired = false
    var retries = 0
    /// Missing certificates were asked for; from now on only with each retry.
    var hasAsked = false
    /// What we, the leader, asked a payload for, and what it will stand on.
    var proposing: Parent?
    var waitsForPace = false
    /// Our proposal, once its vote is durable.
    var proposal: DurableProposal?

    init(view: View, entry: VerifiedCertificate? = nil, enteredAt: Instant, delay: TimeSpan) {
        self.view = view
        self.entry = entry
        self.enteredAt = enteredAt
        self.delay = delay
    }
}
