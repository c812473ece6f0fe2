internal import CairnBase
internal import CairnStorage

/// One identity of a cheat during one round: it answers walks under a model of its machine's clock.
struct CheatingProvider<Hash: WideHashFunction> {
    private let cheat: StorageCheat
    private let machine: CheatingMachine
    private let identity: Int
    private let seed: UInt64
    private let truth: ModelPartition<Hash>
    private let shown: ModelPartition<Hash>
    /// What making one mask takes this machine while all identities are asked.
    private let making: TimeSpan
    private let wholeMask: TimeSpan
    /// How many masks are made side by side while nobody asks.
    private let lanes: UInt64

    /// Missing units below this place have been made in idle time, in the order of places.
    private var made: UInt64 = 0
    /// Those that were made because a walk came by.
    private var madeOnDemand: Set<UInt64> = []  // ORDER: only asked what it holds.
    /// What the reference processor would have needed for everything that was made.
    private(set) var work = TimeSpan.zero

    init(
        _ cheat: StorageCheat, on machine: CheatingMachine, identity: Int, seed: UInt64, terms: WalkTerms,
        truth: ModelPartition<Hash>, shown: ModelPartition<Hash>
    ) {
        self.cheat = cheat
        self.machine = machine
        self.identity = identity
        self.seed = seed
        self.truth = truth
        self.shown = shown
        wholeMask = terms.costPerPass * UInt64(terms.passes)
        lanes = UInt64(max(1, machine.cores / cheat.identities))
        let crowd = max(1, (cheat.identities + machine.cores - 1) / machine.cores)
        let share: UInt64 = if case .mask(let ppm) = cheat.source { ppm } else { 1_000_000 }
        let parts = wholeMask * UInt64(crowd) * share
        making = TimeSpan(nanoseconds: parts.nanoseconds / (1_000_000 * machine.speed))
    }

    /// Makes what it lacks for as long as nobody asks, if it is a matter of making.
    mutating func idle(_ span: TimeSpan) {
        guard case .mask = cheat.source, cheat.missingPPM > 0, making.nanoseconds > 0 else { return }
        let (count, many) = (span.nanoseconds / making.nanoseconds).multipliedReportingOverflow(by: lanes)
        let lacking = max(1, UInt64(truth.units) * cheat.missingPPM / 1_000_000)
        let before = made
        let reach = count.multipliedReportingOverflow(by: UInt64(truth.units))
        made =
            many || reach.overflow ? UInt64(truth.units) : min(UInt64(truth.units), made + reach.partialValue / lacking)
        work = work + wholeMask * ((made - before) * cheat.missingPPM / 1_000_000)
    }

    /// Walks, and says how that looks to a witness who can tell whether a leaf lies in the partition.
    mutating func answer(_ question: WalkQuestion, _ terms: WalkTerms, using hash: Hash) -> (WalkResult, TimeSpan) {
        let allowed = terms.deadline + machine.granted
        guard var walk = Walk(from: question.start(using: hash), leaves: truth.count) else {
            return (.lateOrSilent, allowed)
        }
        var elapsed = TimeSpan.zero
        for _ in 0..<terms.steps {
            elapsed = elapsed + fetch(ModelPartition<Hash>.unit(of: walk.place))
            guard elapsed <= allowed else { return (.lateOrSilent, elapsed) }
            let leaf = source(of: walk.place).leaf(at: walk.place)
            guard leaf == truth.leaf(at: walk.place), walk.step(over: leaf, using: hash) else {
                return (.badLeaf, elapsed)
            }
        }
        // The full check leaves time enough to make one mask; its leaf is fetched like the others.
        elapsed = elapsed + fetch(ModelPartition<Hash>.unit(of: walk.place))
        return (.good, elapsed)
    }

    private func source(of place: UInt64) -> ModelPartition<Hash> {
        let isOther = cheat.source == .firstIdentity && identity > 0
        return isOther ? shown : truth
    }

    private mutating func fetch(_ unit: UInt64) -> TimeSpan {
        guard unit >= made, !madeOnDemand.contains(unit), cheat.lacks(unit, identity: identity, seed: seed) else {
            return machine.read
        }
        switch cheat.source {
        case .firstIdentity: return machine.read
        case .peer(let roundTrip): return roundTrip
        case .mask:
            madeOnDemand.insert(unit)
            work = work + wholeMask
            return machine.read + making
        }
    }
}
