internal import CairnBase
internal import CairnStorage

/// Rounds of one profile against one cheat, by the rules that a network goes by: the same schedule, draws, walks and
/// tally. Only the clock, the witnesses' nonces and the number of labels of a mask are a model.
struct StorageCampaign<Hash: WideHashFunction> {
    private static var challengeTag: DomainTag { DomainTag("cn/atk.round") }
    private static var nonceTag: DomainTag { DomainTag("cn/atk.nonce") }

    let terms: WalkTerms
    let units: UInt32
    private let schedule: RoundSchedule
    private let hash: Hash
    private let witnesses: IndependentDraw

    /// Nil if the schedule or the partition has no room for a round.
    init?(_ terms: WalkTerms, units: UInt32, schedule: RoundSchedule?, using hash: Hash) {
        guard let schedule, units > 0 else { return nil }
        self.terms = terms
        self.units = units
        self.schedule = schedule
        self.hash = hash
        let candidates = (UInt32(0)..<40).map { index in
            let root = Self.digest(Self.nonceTag, [UInt64(index)], hash)
            return IndependentDraw.Candidate(index: index, weight: 1, traits: [.init(.stakeRoot, root)])
        }
        guard let draw = IndependentDraw(candidates) else { return nil }
        witnesses = draw
    }

    /// `rounds` rounds of a partition in the place and at the moments that `seed` decides.
    func run(_ cheat: StorageCheat, on machine: CheatingMachine, seed: UInt64, rounds: UInt64) -> StorageTally {
        let chain = ChainID(Self.digest(Self.challengeTag, [seed], hash).raw)
        let copies = (0..<cheat.identities).map { identity in
            ModelPartition(
                of: seed, provider: Self.digest(Self.challengeTag, [seed, UInt64(identity)], hash), chain: chain,
                units: units, passes: terms.passes, using: hash)
        }
        var tally = StorageTally()
        for epoch in 0..<rounds {
            guard let moment = Moment(seed: seed, epoch: epoch * schedule.period, schedule, hash) else { continue }
            for identity in copies.indices {
                var provider = CheatingProvider(
                    cheat, on: machine, identity: identity, seed: seed, terms: terms, truth: copies[identity],
                    shown: copies[0])
                if cheat.prepares { provider.idle(moment.warning) }
                tally.count(round(of: copies[identity].provider, at: moment, chain, &provider))
                tally.work = tally.work + provider.work
            }
        }
        return tally
    }

    /// When a round is, and what is drawn with.
    private struct Moment {
        let height: UInt64
        let randomness: Digest
        /// How long before it the time of the round is known.
        let warning: TimeSpan

        init?(seed: UInt64, epoch: UInt64, _ schedule: RoundSchedule, _ hash: Hash) {
            let first = StorageCampaign.digest(challengeTag, [seed, epoch, 1], hash)
            guard let height = schedule.height(epoch: epoch, profile: 0, firstBlockRandomness: first, using: hash)
            else {
                return nil
            }
            self.height = height
            randomness = StorageCampaign.digest(challengeTag, [seed, epoch, 2], hash)
            warning = schedule.pace * (height - epoch * schedule.epochBlocks)
        }
    }

    private func round(
        of provider: Digest, at moment: Moment, _ chain: ChainID, _ answering: inout CheatingProvider<Hash>
    ) -> RoundOutcome {
        let challenge = Self.digest(Self.challengeTag, [moment.height], of: provider, hash)
        guard
            let drawn = witnesses.members(
                RoundTally.witnesses + RoundTally.askedAgain, tag: IndependentDraw.witnesses,
                randomness: moment.randomness, height: moment.height, subject: challenge, excluding: [], using: hash)
        else { return .void }
        let slot = schedule.pace * schedule.slotBlocks(terms)
        var results: [WalkResult] = []
        for witness in drawn {
            if results.count == RoundTally.witnesses, RoundTally.outcome(results) != .contained { break }
            let id = Self.digest(Self.nonceTag, [UInt64(witness.index)], hash)
            let nonce = Self.digest(Self.nonceTag, [UInt64(witness.index)], of: challenge, hash)
            let question = WalkQuestion(
                chain: chain, challenge: challenge, provider: provider, partition: 0, witness: id, nonce: nonce.raw)
            let (result, elapsed) = answering.answer(question, terms, using: hash)
            results.append(result)
            answering.idle(TimeSpan(nanoseconds: slot.nanoseconds - min(slot.nanoseconds, elapsed.nanoseconds)))
        }
        guard results.count > RoundTally.witnesses else { return RoundTally.outcome(results) }
        return RoundTally.outcomeOfSecondAsking(Array(results[RoundTally.witnesses...]))
    }

    private static func digest(_ tag: DomainTag, _ words: [UInt64], of id: Digest = .zero, _ hash: Hash) -> Digest {
        let bytes = words.flatMap { word in (0..<UInt64(8)).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
        return hash.digest(tag, bytes + id.raw.bytes)
    }
}
