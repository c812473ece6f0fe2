public import CairnBase
internal import CairnStorage

/// One row of the table of attacks on storage: a cheat, and what must come of it.
public struct StorageTrial: Sendable {
    /// What the rules promise.
    public enum Bound: Sendable, Hashable {
        case paid(atLeastPPM: UInt64)
        case unpaid(atLeastPPM: UInt64)
        /// Of what as many honest providers earn.
        case income(atMostPPM: UInt64)
        /// For each round it is paid for.
        case work(atLeast: TimeSpan)
    }

    public let name: String
    public let cheat: StorageCheat
    public let machine: CheatingMachine
    public let units: UInt32
    /// Empty where nothing is promised: the row shows a limit that is known.
    public let bounds: [Bound]

    public func holds(_ tally: StorageTally) -> Bool {
        bounds.allSatisfy { bound in
            switch bound {
            case .paid(let least): tally.paidPPM >= least
            case .unpaid(let least): tally.unpaidPPM >= least
            case .income(let most): tally.paidPPM <= most
            case .work(let least): tally.passed == 0 || tally.workPerPaidRound >= least
            }
        }
    }

    /// The rows of a profile. On a test network nothing is promised: its partitions are too small and its walks too
    /// short.
    public static func all(of profile: StorageProfile, speed: UInt64, skippingPPM: UInt64) -> [StorageTrial] {
        let machine = CheatingMachine(speed: speed, read: profile.read)
        let quick = CheatingMachine(speed: speed, read: .zero, granted: .milliseconds(20))
        let promises = profile != .testnet
        func trial(
            _ name: String, _ cheat: StorageCheat, on machine: CheatingMachine = machine,
            units: UInt32 = profile.units, _ bounds: Bound...
        ) -> StorageTrial {
            StorageTrial(name: name, cheat: cheat, machine: machine, units: units, bounds: promises ? bounds : [])
        }
        func dropping(_ ppm: UInt64, _ preparation: StorageCheat.Preparation = .whenAsked) -> StorageCheat {
            StorageCheat(missingPPM: ppm, source: .mask(ppm: 1_000_000), preparation: preparation)
        }
        func fetching(_ roundTrip: TimeSpan) -> StorageCheat {
            StorageCheat(missingPPM: 1_000_000, source: .peer(roundTrip))
        }
        let crowd = StorageCheat(missingPPM: 1_000_000, source: .mask(ppm: 1_000_000), identities: 8)
        let posing = StorageCheat(missingPPM: 1_000_000, source: .firstIdentity, identities: 8)
        let skipping = StorageCheat(missingPPM: 1_000_000, source: .mask(ppm: skippingPPM))
        /// Twelve times what making all of it takes: half of what a paid round costs on the average.
        func dear(_ missing: UInt32) -> TimeSpan {
            profile.terms.costPerPass * (UInt64(profile.terms.passes) * UInt64(missing) * 12)
        }
        let unpaid = Bound.unpaid(atLeastPPM: 980_000)
        return [
            trial("honest", .honest, .paid(atLeastPPM: 1_000_000)),
            trial("drops 5 %", dropping(50_000)),
            trial("drops 10 %", dropping(100_000), unpaid),
            trial("drops 10 %, reads from memory, delays pings", dropping(100_000), on: quick),
            trial("drops 20 %", dropping(200_000), unpaid),
            trial("drops 10 %, makes it once the round is known", dropping(100_000, .onceKnown), unpaid),
            trial(
                "drops 10 %, makes it in every epoch", dropping(100_000, .everyEpoch),
                .work(atLeast: dear(profile.units / 10))),
            trial("keeps nothing", dropping(1_000_000), unpaid),
            trial(
                "keeps nothing of the smallest partition, makes it once the round is known",
                dropping(1_000_000, .onceKnown), units: profile.fewestUnits, unpaid),
            trial(
                "keeps nothing of the smallest partition, makes it in every epoch",
                dropping(1_000_000, .everyEpoch), units: profile.fewestUnits, .work(atLeast: dear(profile.fewestUnits))),
            trial(
                "8 identities, one raw copy, 4 cores", crowd, .unpaid(atLeastPPM: 950_000), .income(atMostPPM: 200_000)),
            trial("8 identities show the first one's copy", posing, .income(atMostPPM: 200_000)),
            trial("fetches from a peer at 20 ms", fetching(.milliseconds(20)), .unpaid(atLeastPPM: 1_000_000)),
            trial("fetches from the same rack at 0.5 ms", fetching(.microseconds(500))),
            trial("keeps half of every mask, where it helps most", skipping, unpaid),
        ]
    }

    /// What comes of it over `seeds`, `rounds` rounds of each. Nil if the profile's epochs have no room for a round.
    public func run(
        _ profile: StorageProfile, seeds: Range<UInt64>, rounds: UInt64, using hash: some WideHashFunction
    ) -> StorageTally? {
        guard let campaign = StorageCampaign(profile.terms, units: units, schedule: profile.schedule, using: hash)
        else {
            return nil
        }
        var tally = StorageTally()
        for seed in seeds { tally.add(campaign.run(cheat, on: machine, seed: seed, rounds: rounds)) }
        return tally
    }
}
