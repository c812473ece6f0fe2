import CairnBase
import CairnWire

/// Going through an epoch's verdicts in the order of their challenges: units, standing, and who heard whom.
extension BlockRun {
    mutating func judge(
        _ epoch: Epoch, _ resources: [FrozenResource], _ shares: inout [EpochShare], _ tracks: inout [Track]
    ) throws(StateError) {
        var uses = OrderedMap<PairPlace, Int>()
        var height = parameters.firstHeight(of: epoch)
        while height <= parameters.lastHeight(of: epoch) {
            if let judged = try state.load(.judged(height)) {
                for place in judged.places {
                    let key = RecordKey<OrderedVerdict>.verdict(
                        VerdictPlace(height: height, target: place.target, partition: place.partition))
                    guard let ordered = try state.load(key) else { throw .damaged(key.key) }
                    switch ordered.verdict {
                    case .coverage(let verdict):
                        try judge(verdict, epoch, resources, &shares, &tracks, &uses)
                    case .storage(let verdict): try judge(verdict, epoch, resources, &shares, &tracks)
                    }
                    state.remove(key)
                }
                state.remove(.judged(height))
            }
            height = height.next
        }
    }

    private mutating func judge(
        _ verdict: CoverageVerdict, _ epoch: Epoch, _ resources: [FrozenResource], _ shares: inout [EpochShare],
        _ tracks: inout [Track], _ uses: inout OrderedMap<PairPlace, Int>
    ) throws(StateError) {
        let target = Int(verdict.target)
        let isIsland = verdict.reasons.contains(.island)
        let isSilent = verdict.reasons.contains(.noBeacon)
        let isQuorate = !isSilent && !verdict.reasons.contains(.noQuorum)
        shares[target].verdicts += 1
        shares[target].reasons.formUnion(verdict.reasons)
        shares[target].add(UInt64(verdict.units), isIsland: isIsland)
        if isSilent || isQuorate { shares[target].count(passed: isQuorate, &tracks[target], lambda) }
        guard isQuorate else { return }
        tracks[target].beaconed = epoch
        for seat in verdict.seats {
            let witness = Int(seat.witness)
            let pair = PairPlace(target: verdict.target, witness: seat.witness)
            let use = (uses[pair] ?? 0) + 1
            uses[pair] = use
            shares[witness].add(UInt64(seat.units).part(CoverageUnits.repeated(use)), isIsland: isIsland)
            shares[witness].receipts[resources[target].offer.profile.order] += 1
            shares[witness].reasons.formUnion(use > 3 ? seat.reasons.union(Reasons(.pairCap)) : seat.reasons)
            // Reports that no radio makes show that something speaks, not that anything hears.
            if !seat.reasons.contains(.tooPerfect) { tracks[witness].witnessed = epoch }
        }
        try remember(verdict, epoch, resources)
    }

    /// Notes who heard the beacon, for trust and for what silence and signals say later.
    private mutating func remember(
        _ verdict: CoverageVerdict, _ epoch: Epoch, _ resources: [FrozenResource]
    ) throws(StateError) {
        let target = resources[Int(verdict.target)]
        var neighbourhood = try state.load(.neighbourhood(target.number)) ?? Neighbourhood()
        neighbourhood.shift { number in
            let bit = target.neighbours.firstIndex { resources[Int($0.place)].number == number }
            return bit.map { verdict.neighbours >> UInt64($0) & 1 == 1 }
        }
        for seat in verdict.seats {
            let row = PairHistory.Row(
                period: parameters.period(of: epoch), signal: seat.signal, noiseDistance: seat.noiseDistance,
                powerStep: seat.powerStep)
            try note(row, by: resources[Int(seat.witness)].number, of: target.number, epoch, &neighbourhood)
        }
        state.store(.neighbourhood(target.number), neighbourhood)
    }

    private mutating func note(
        _ row: PairHistory.Row, by witness: UInt32, of target: UInt32, _ epoch: Epoch,
        _ neighbourhood: inout Neighbourhood
    ) throws(StateError) {
        if let gone = neighbourhood.seat(witness, in: epoch.number) { state.remove(.pair(of: target, and: gone)) }
        var history = try state.load(.pair(of: target, and: witness)) ?? PairHistory()
        history.append(row)
        state.store(.pair(of: target, and: witness), history)
    }

    /// What passed counts for its units; what failed counts against the provider; what is neither says nothing. A witness
    /// that was drawn and left no receipt fails in its place.
    private mutating func judge(
        _ verdict: StorageVerdict, _ epoch: Epoch, _ resources: [FrozenResource], _ shares: inout [EpochShare],
        _ tracks: inout [Track]
    ) throws(StateError) {
        let provider = Int(verdict.provider)
        let resource = resources[provider]
        let units = UInt64(verdict.units) * .millionPPM
        shares[provider].verdicts += 1
        shares[provider].reasons.formUnion(verdict.reasons)
        shares[provider].add(units.part(UInt64(resource.score)), isIsland: false)
        if verdict.passed {
            if verdict.kind == .hotRound { shares[provider].provenSlots.append(verdict.partition) }
            tracks[provider].beaconed = epoch
        }
        let isVoid = !verdict.passed && verdict.reasons.contains(.contained)
        if !isVoid { shares[provider].count(passed: verdict.passed, &tracks[provider], lambda) }
        var neighbourhood = try state.load(.neighbourhood(resource.number)) ?? Neighbourhood()
        for walk in verdict.walks {
            let witness = Int(walk.witness)
            guard walk.result != .noReceipt else {
                shares[witness].count(passed: false, &tracks[witness], lambda)
                continue
            }
            shares[witness].receipts[resource.offer.profile.order] += 1
            tracks[witness].witnessed = epoch
            guard verdict.passed, walk.result == .good else { continue }
            let row = PairHistory.Row(period: parameters.period(of: epoch), signal: 0, noiseDistance: 0, powerStep: 0)
            try note(row, by: resources[witness].number, of: resource.number, epoch, &neighbourhood)
        }
        state.store(.neighbourhood(resource.number), neighbourhood)
    }

    private var lambda: UInt64 { parameters[.standingLambda] }
}

/// Two places of a frozen set, in the order of a beacon.
struct PairPlace: Hashable, Comparable, Sendable {
    let target: UInt32
    let witness: UInt32

    static func < (left: PairPlace, right: PairPlace) -> Bool {
        (left.target, left.witness) < (right.target, right.witness)
    }
}

extension EpochShare {
    mutating func add(_ more: UInt64, isIsland: Bool) {
        if isIsland { islandUnits += more } else { units += more }
    }

    mutating func count(passed: Bool, _ track: inout Track, _ lambda: UInt64) {
        track.standing.record(passed: passed, fading: lambda)
        track.verdicts = track.verdicts == .max ? .max : track.verdicts + 1
        failures += passed ? 0 : 1
    }
}

extension Profile {
    /// Its place among all profiles.
    var order: Int { Int(rawValue) - 1 }
}
