public import CairnBase

/// Weighted Simplex: a block after two network delays, final after three, at the full bound of one third.
///
/// Time is a row of views, each with a leader drawn by stake. A view ends for a node when it holds a certificate of it:
/// a notarization (a quorum votes for its block), a nullification (a quorum gives it up), or a finalization of it or
/// a later one. A leader builds on the highest notarized block such that every view between is nullified, and voters check
/// just that. Whoever sees a notarization and has not given up the view votes to finalize it; a quorum of those makes
/// the block and all below it final. Nobody votes both to nullify and to finalize a view, so a finalized view can never
/// have been skipped, and every later block descends from it.
///
/// The core is told of verified messages, of timers and of what is durable; it answers with effects. What it must not
/// forget it asks to have persisted first (`Persist`). Rules are cited as in `docs/protocol/consensus.md`.
///
/// Invariants: the floor never decreases; per view above it, at most one own notarize, and never an own nullify with an
/// own finalize; own votes are counted and sent only when durable.
public struct Consensus<Hash: HashFunction>: ProtocolCore {
    public typealias Input = ConsensusInput
    public typealias Effect = ConsensusEffect

    public let chain: ChainID
    public let parameters: ConsensusParameters
    /// The vote key; nil for a node that follows without voting.
    public let key: PublicKey?
    let hash: Hash
    let rules: Rules

    var epoch: EpochState
    var signing = SignGuard()
    /// The finalization that ended the epoch before this one, for those still in it.
    var previousEnd: VerifiedCertificate?
    /// The log's records of epochs that this node, restarted, has yet to reach.
    var unread: Unread?
    /// Votes whose persistence is under way, oldest first.
    var outstanding: [Outstanding] = []
    var nextToken: UInt64 = 0
    /// Messages of the next epoch that came before it could start here.
    var early: [EarlyMessage] = []
    public internal(set) var counters = ConsensusCounters()

    /// The step under way. Between steps `effects` is empty.
    var now = Instant.origin
    var effects: [ConsensusEffect] = []

    struct Outstanding: Sendable, Equatable {
        let token: UInt64
        let statement: VoteStatement?
    }

    struct Unread: Sendable, Equatable {
        let log: Recovered
        let nonce: UInt64
    }

    struct EarlyMessage: Sendable, Equatable {
        let message: VerifiedMessage
        let from: NodeID
    }

    public init(chain: ChainID, key: PublicKey?, plan: EpochPlan, parameters: ConsensusParameters, hash: Hash) {
        self.init(chain: chain, key: key, plan: plan, parameters: parameters, hash: hash, rules: .all)
    }

    package init(
        chain: ChainID, key: PublicKey?, plan: EpochPlan, parameters: ConsensusParameters, hash: Hash, rules: Rules
    ) {
        self.chain = chain
        self.key = key
        self.parameters = parameters
        self.hash = hash
        self.rules = rules
        epoch = Self.state(of: plan, chain: chain, key: key, parameters: parameters, hash: hash, at: .origin)
    }

    static func state(
        of plan: EpochPlan, chain: ChainID, key: PublicKey?, parameters: ConsensusParameters, hash: Hash,
        at now: Instant
    ) -> EpochState {
        EpochState(
            plan: plan, seed: Randomness.seed(chain: chain, epoch: plan.epoch, middle: plan.middle, using: hash),
            me: key.flatMap { plan.committee.index(of: $0) }, epochLength: parameters.epochLength, at: now)
    }

    /// What heads every message we send.
    public var position: ChainPosition { epoch.position }

    /// Who votes in the current epoch.
    public var committee: Committee { epoch.committee }

    /// Our place in the committee, if we have one.
    public var seat: MemberIndex? { epoch.me }

    public var committed: Anchor { epoch.committed }

    public mutating func handle(_ input: consuming Input, at now: Instant, into effects: inout [Effect]) {
        self.now = max(now, self.now)
        swap(&self.effects, &effects)
        defer { swap(&self.effects, &effects) }
        switch input {
        case .start(let recovered, let nonce): start(recovered, nonce: nonce)
        case .message(let message, let sender): receive(message, from: sender)
        case .met(let node): meet(node)
        case .position(let position, let sender): note(position, of: sender)
        case .timer(let timer): fire(timer)
        case .persisted(let token, let signature): persisted(token, signature)
        case .payloadReady(let offer): propose(offer)
        case .payloadValidated(let block, let isValid): validated(block, isValid: isValid)
        case .blocks(let blocks): receive(blocks)
        case .synchronised(let anchor, let finalization): synchronised(to: anchor, by: finalization)
        case .epochReady(let plan): beginEpoch(plan)
        }
    }

    /// How much is held, for the metrics.
    public var gauge: ConsensusGauge {
        ConsensusGauge(
            views: epoch.views.count, tallies: epoch.views.values.count { $0.tally != nil },
            blocks: epoch.blocks.count, early: early.count, outstanding: outstanding.count)
    }

    func leader(of view: View) -> MemberIndex {
        epoch.committee.leader(of: view, seed: epoch.seed, using: hash)
    }

    func isInForce(_ rule: Rules) -> Bool { rules.contains(rule) }
}
