public import CairnBase
import CairnWire

/// A validator's part in coverage: it follows every challenge through its timeline, keeps what arrives in time, and
/// from that alone says what the verdict must be.
///
/// Times are heights of this validator's own newest block. What it has seen decides which receipts a verdict may not
/// leave out; what a verdict says about them is a pure function that all validators share.
public struct Judge<Hash: HashFunction>: ProtocolCore {
    public typealias Input = JudgeInput
    public typealias Effect = JudgeEffect

    let chain: ChainID
    let limits: Limits.Witness
    let hash: Hash
    var views = BoundedMap<Epoch, CoverageView>(capacity: 3, overflow: .dropLowest)
    var randomness: ChainRandomness
    var cases = OrderedMap<Digest, OpenCase>()
    /// Challenge ids in the order of (height, target).
    var order = OrderedMap<VerdictPlace, Digest>()
    /// From this height on no block was missed.
    var inStepSince: Height?
    var commitsSent: BoundedMap<CommitQuota, Int>
    public internal(set) var refusals = [UInt64](repeating: 0, count: JudgeRefusal.allCases.count)

    public init(chain: ChainID, origin: Digest, limits: Limits.Witness = Limits.Witness(), hash: Hash) {
        self.chain = chain
        self.limits = limits
        self.hash = hash
        randomness = ChainRandomness(origin: origin)
        commitsSent = BoundedMap(capacity: limits.witnessesCounted, overflow: .dropLowest)
    }

    public mutating func handle(_ input: JudgeInput, at now: Instant, into effects: inout [JudgeEffect]) {
        switch input {
        case .view(let view): views.updateValue(view, forKey: view.epoch)
        case .block(let height, let value, let adopted): enter(height, value, adopted, &effects)
        case .resumed: inStepSince = nil
        case .commit(let commit): take(commit, &effects)
        case .beacon(let reveal, let output): take(reveal, output)
        case .reveals(let reveals): for reveal in reveals { take(reveal) }
        case .fetched(let wanted, let reveals): keep(fetched: reveals, for: wanted)
        }
    }

    /// How many challenges are followed.
    public var openCases: Int { cases.count }

    public var head: Height { randomness.newest ?? .genesis }

    public func view(of height: Height) -> CoverageView? {
        views.entries.first { $0.value.rules.epoch(of: height) == $0.key }?.value
    }

    public func follows(_ challenge: Digest) -> Bool { cases.contains(challenge) }

    /// Who must have signed for this witness or target of a challenge: what the edge checks a signature against.
    public func signer(_ index: UInt32, of challenge: Digest) -> PublicKey? {
        cases[challenge].flatMap { view(of: $0.challenge.height)?.member(index)?.device }
    }

    /// What the edge needs to check a beaconer's proof: its key, and what went into it.
    public func beaconProof(of challenge: Digest) -> (key: VRFPublicKey, input: Digest)? {
        guard let open = cases[challenge], let view = view(of: open.challenge.height),
            let target = view.member(open.challenge.target),
            let value = randomness.forChallenge(at: open.challenge.height)
        else { return nil }
        return (target.randomness, Beacon.input(challenge: challenge, randomness: value, using: hash))
    }

    mutating func refuse(_ refusal: JudgeRefusal) { refusals[refusal.rawValue] += 1 }

    // MARK: - Blocks

    private mutating func enter(
        _ height: Height, _ value: Digest, _ adopted: [CoverageVerdict], _ effects: inout [JudgeEffect]
    ) {
        if height != head.next || inStepSince == nil { inStepSince = height }
        randomness.set(value, at: height)
        for verdict in adopted {
            let place = Verdict.coverage(verdict).place
            if let id = order[place] { _ = cases.mutate(id) { $0.isAdopted = true } }
        }
        openCases(at: height)
        freeze(at: height)
        close(at: height, &effects)
    }

    private mutating func openCases(at height: Height) {
        guard let view = view(of: height), let value = randomness.forChallenge(at: height) else { return }
        for challenged in Challenged.all(at: height, in: view, randomness: value, chain: chain, using: hash) {
            guard cases.count < limits.openChallenges else { return refuse(.noRoom) }
            let place = VerdictPlace(height: height, target: challenged.target, partition: 0)
            order[place] = challenged.id
            cases[challenged.id] = OpenCase(
                challenge: ChallengeCase(
                    id: challenged.id, height: height, target: challenged.target, beacon: nil))
        }
    }

    private mutating func freeze(at head: Height) {
        for (place, id) in order {
            guard Timeline(place.height).frozen <= head else { return }
            guard let open = cases[id], !open.isFrozen, let view = view(of: place.height) else { continue }
            let (challenge, objections) = open.filled(with: open.opened, in: view, using: hash)
            _ = cases.mutate(id) { open in
                open.isFrozen = true
                open.frozen = OrderedSet(challenge.reveals.keys)
                for (witness, reasons) in objections { open.reports[witness] = reasons }
                for witness in open.commits.keys where !open.opened.contains(witness) {
                    open.report(.unrevealed, for: witness)
                }
            }
        }
    }

    private mutating func close(at head: Height, _ effects: inout [JudgeEffect]) {
        while let (place, id) = order.first, Timeline(place.height).verdict.upperBound < head {
            order.removeValue(forKey: place)
            guard let open = cases.removeValue(forKey: id) else { continue }
            effects.append(
                .archive(
                    ArchivedCase(
                        challenge: id, height: place.height, target: place.target,
                        reveals: open.opened.values.map(\.endorsed), reports: open.reports)))
        }
    }
}

/// How often one witness has committed in one epoch.
struct CommitQuota: Sendable, Hashable, Comparable {
    let epoch: Epoch
    let witness: UInt32

    static func < (left: CommitQuota, right: CommitQuota) -> Bool {
        left.epoch != right.epoch ? left.epoch < right.epoch : left.witness < right.witness
    }
}
