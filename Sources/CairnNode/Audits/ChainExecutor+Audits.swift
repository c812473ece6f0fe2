public import CairnBase
import CairnConsensus
public import CairnLedger
import CairnStorage
import CairnWire
public import CairnWitness

/// The rounds of storage that begin with a block, as the state after that block has it.
///
/// Who is asked follows from what the chain says at that moment and from the block's own randomness: nobody knows it
/// sooner, and everybody who executes the block finds the same.
extension ChainExecutor {
    /// None for nearly all blocks, and none of a kind for which the network's blocks are too fast.
    public func audits(
        begunAt height: Height, randomness: Digest, on executed: some ExecutedChain
    ) throws(StateError) -> [AuditRound] {
        var rounds: [AuditRound] = []
        for profile in [Profile.storageHot, .storageSealed] {
            if let round = try round(of: profile, begunAt: height, randomness, executed) { rounds.append(round) }
        }
        return rounds
    }

    private func round(
        of profile: Profile, begunAt height: Height, _ randomness: Digest, _ executed: some ExecutedChain
    ) throws(StateError) -> AuditRound? {
        let state = executed.state
        guard let rules = try state.load(RecordKey<ProfileRules>.profile(profile)) else { return nil }
        let parameters: Parameters = try require(.parameters, in: state)
        let pace = TimeSpan.milliseconds(parameters[.blockPace])
        let schedule = RoundSchedule(
            epochBlocks: parameters[.epochBlocks], period: rules.epochsPerRound, pace: pace)
        guard let schedule,
            schedule.begins(at: height.number, profile: profile.rawValue, randomness: randomness, using: hash),
            let times = rules.times(pace: pace), try isFirst(height, of: profile, schedule, executed)
        else { return nil }
        let frozen = try frozen(parameters.epoch(of: height), in: state)
        let caller = AuditCall(frozen, rules: rules, at: height, randomness: randomness, chain: chain)
        var audits: [StorageAudit] = []
        for (place, provider) in frozen.enumerated() where provider.offer.profile == profile {
            let subjects = try subjects(of: provider, rules, in: state).filter { partition, _ in
                schedule.isDue(
                    partition: partition, at: height.number, profile: profile.rawValue, randomness: randomness,
                    using: hash)
            }
            guard !subjects.isEmpty else { continue }
            audits += caller.audits(of: provider, at: UInt32(place), subjects, using: hash)
        }
        return AuditRound(height: height, times: times, audits: audits)
    }

    /// One round of a profile is in each epoch: the first block that its own randomness chooses.
    private func isFirst(
        _ height: Height, of profile: Profile, _ schedule: RoundSchedule, _ executed: some ExecutedChain
    ) throws(StateError) -> Bool {
        let epoch = (height.number - 1) / schedule.epochBlocks
        guard let candidates = schedule.candidates(epoch: epoch) else { return false }
        for earlier in candidates where earlier < height.number {
            // Who began in the middle of an epoch cannot know, and leaves this round to others.
            guard let header = try executed.header(at: Height(earlier)) else { return false }
            let randomness = header.randomness.next(using: hash)
            if schedule.begins(at: earlier, profile: profile.rawValue, randomness: randomness, using: hash) {
                return false
            }
        }
        return true
    }

    private func frozen(_ epoch: Epoch, in state: some StateReader) throws(StateError) -> [FrozenResource] {
        var resources: [FrozenResource] = []
        for place in 0..<(try state.load(RecordKey<Census>.census(epoch))?.count ?? 0) {
            resources.append(try require(.frozen(epoch, place), in: state))
        }
        return resources
    }

    /// What a provider says it has, by number.
    private func subjects(
        of provider: FrozenResource, _ rules: ProfileRules, in state: some StateReader
    ) throws(StateError) -> [(partition: UInt32, subject: StorageAudit.Subject)] {
        switch rules.challenge {
        case .hotRound: try heldShards(of: provider, in: state).map { ($0.slot, .shard($0.shard)) }
        case .sealedRound: try partitions(of: provider, rules, in: state)
        default: []
        }
    }

    /// The partitions that a provider has claimed, one after the other.
    private func partitions(
        of provider: FrozenResource, _ rules: ProfileRules, in state: some StateReader
    ) throws(StateError) -> [(partition: UInt32, subject: StorageAudit.Subject)] {
        guard let walk = rules.walk, let units = UInt32(exactly: rules["unitsPerPartition"]) else { return [] }
        var found: [(partition: UInt32, subject: StorageAudit.Subject)] = []
        for number in 0..<rules.partitions(in: provider.offer.capacity ?? 0) {
            let key = RecordKey<SealedPartition>.sealedPartition(provider.number, number)
            guard let claimed = try state.load(key) else { break }
            let partition = StorageAudit.Partition(
                node: claimed.node, units: units, packed: claimed.packed, manifest: claimed.manifest)
            found.append((number, .sealed(partition, walk)))
        }
        return found
    }

    /// The shards that a provider says are there, by their places in its list. One that counts as lost is asked for too until
    /// another has it: showing it is how its holder comes back.
    private func heldShards(
        of provider: FrozenResource, in state: some StateReader
    ) throws(StateError) -> [(slot: UInt32, shard: StorageAudit.Shard)] {
        var shards: [(slot: UInt32, shard: StorageAudit.Shard)] = []
        for slot in try state.heldSlots(of: provider.number) {
            guard let held = try state.load(RecordKey<HeldShard>.shard(provider.number, slot)),
                let object = try state.load(RecordKey<PrepaidObject>.object(held.object)),
                let units = UInt8(exactly: object.order.units),
                let number = object.holders.firstIndex(where: {
                    $0.number == provider.number && $0.slot == slot && $0.isHolding
                })
            else { continue }
            let shard = StorageAudit.Shard(
                root: object.order.root, number: UInt8(clamping: number), count: object.order.shards, units: units)
            shards.append((slot, shard))
        }
        return shards
    }
}

extension ProfileRules {
    /// What a walk is; nil where nothing is sealed.
    public var walk: WalkRules? {
        WalkRules(
            steps: self["steps"], deadline: .milliseconds(self["deadlineMs"]),
            leaves: .milliseconds(self["leavesMs"]), check: .milliseconds(self["checkMs"]), passes: self["passes"])
    }

    /// When what of a round may happen.
    fileprivate func times(pace: TimeSpan) -> AuditTimes? {
        guard challenge == .sealedRound else {
            return AuditTimes(deadline: .milliseconds(self["deadlineMs"]), pace: pace, window: window)
        }
        return walk.flatMap {
            AuditTimes(deadline: $0.whole, apart: $0.deadline + .seconds(1), pace: pace, window: window)
        }
    }

    /// A partition is due in one of so many epochs, on the average.
    fileprivate var epochsPerRound: UInt64 {
        let rate = UInt64(challengesPerThousandEpochs)
        return rate == 0 ? 0 : (1_000 + rate - 1) / rate
    }
}

/// Draws the witnesses of the providers that are asked at one height.
private struct AuditCall {
    private let frozen: [FrozenResource]
    private let rules: ProfileRules
    private let height: Height
    private let randomness: Digest
    private let chain: ChainID
    private let draw: IndependentDraw?

    init(_ frozen: [FrozenResource], rules: ProfileRules, at height: Height, randomness: Digest, chain: ChainID) {
        self.frozen = frozen
        self.rules = rules
        self.height = height
        self.randomness = randomness
        self.chain = chain
        // Everyone counts alike: on a young network nobody has a bond yet, and a stake root is drawn once.
        draw = IndependentDraw(
            frozen.enumerated().filter { $0.element.mayWitness }.map { place, resource in
                IndependentDraw.Candidate(index: UInt32(place), weight: 1, traits: resource.traits)
            })
    }

    /// One for each thing it has, before the same witnesses; none where too few are independent of the provider.
    func audits(
        of provider: FrozenResource, at place: UInt32,
        _ subjects: [(partition: UInt32, subject: StorageAudit.Subject)], using hash: some HashFunction
    ) -> [StorageAudit] {
        let challenge = rules.challenge.challenge(
            of: provider.id, profile: rules.profile.rawValue, at: height, chain: chain, using: hash)
        let drawn = { (count: Int) in
            draw?.members(
                count, tag: IndependentDraw.witnesses, randomness: randomness, height: height.number,
                subject: challenge, excluding: provider.traits, using: hash)
        }
        let all = RoundTally.witnesses + RoundTally.askedAgain
        guard let witnesses = drawn(all) ?? drawn(RoundTally.witnesses) else { return [] }
        let parties = witnesses.map { AuditParty(frozen[Int($0.index)], at: $0.index) }
        return subjects.compactMap { partition, subject in
            StorageAudit(
                challenge: challenge, height: height, provider: AuditParty(provider, at: place), partition: partition,
                subject: subject, drawn: parties)
        }
    }
}

extension FrozenResource {
    /// Vetted and of good standing: of any profile.
    fileprivate var mayWitness: Bool {
        (has(.isVetted) || has(.isAnchor)) && !has(.isSuspended) && score >= 960_000
    }

    fileprivate var traits: [IndependentDraw.Trait] {
        var network = ByteWriter(capacity: Bytes32.count)
        network.u8(site.network.family.rawValue)
        network.u64(site.network.prefix)
        network.raw([UInt8](repeating: 0, count: Bytes32.count - network.bytes.count))
        return [
            .init(.stakeRoot, Digest(stakeRoot.raw)), .init(.controller, Digest(controller.raw)),
            .init(.network, Digest(Bytes32(network.bytes) ?? .zero)),
        ]
    }
}

extension AuditParty {
    fileprivate init(_ resource: FrozenResource, at place: UInt32) {
        self.init(
            place: place, id: resource.id, device: resource.offer.device, randomness: resource.offer.randomness,
            position: resource.site.position)
    }
}
