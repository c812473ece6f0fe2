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
        let asked = rounds.multipliedReportingOverflow(by: UInt64(cheat.identities))
        var epoch: UInt64 = 0
        while tally.rounds < asked.partialValue, !asked.overflow {
            guard let moment = Moment(seed: seed, epoch: epoch, schedule, hash) else { break }
            epoch += 1
            // Who does nothing in the epochs without a question meets those with one as if they followed each other.
            let isAsked = cheat.preparation != .everyEpoch || moment.isDue
            for identity in copies.indices {
                var provider = CheatingProvider(
                    cheat, on: machine, identity: identity, seed: seed, terms: terms, truth: copies[identity],
                    shown: copies[0])
                switch cheat.preparation {
                case .whenAsked: break
                case .onceKnown: provider.idle(moment.warning)
                case .everyEpoch: provider.idle(moment.sinceEpochBegan)
                }
                if isAsked { tally.count(round(of: copies[identity].provider, at: moment, chain, &provider)) }
                tally.work = tally.work + provider.work
            }
        }
        return tally
    }

    /// When a round is, and what is drawn with.
    private struct Moment {
        let height: UInt64
        let randomness: Digest
        /// Whether the partition is asked.
        let isDue: Bool
        /// How long before its first question the round is known to whoever proposes the block at which it begins; to
        /// all others it is known one block later.
        let warning: TimeSpan
        let sinceEpochBegan: TimeSpan

        init?(seed: UInt64, epoch: UInt64, _ schedule: RoundSchedule, _ hash: Hash) {
            func random(_ height: UInt64) -> Digest { StorageCampaign.digest(challengeTag, [seed, height, 1], hash) }
            guard let height = schedule.height(epoch: epoch, profile: 0, using: hash, randomness: random) else {
                return nil
            }
            self.height = height
            randomness = random(height - 2)
            isDue = schedule.isDue(partition: 0, at: height, profile: 0, randomness: random(height), using: hash)
            warning = schedule.pace * 2
            sinceEpochBegan = schedule.pace * (height + 1 - epoch * schedule.epochBlocks)
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
