public import CairnBase
public import CairnLedger
import CairnWire
public import CairnWitness

/// The ledger's frozen set of an epoch, as coverage is judged by it.
extension ChainExecutor {
    /// Nil when nobody was there to be frozen, or the epoch is settled and its set is gone.
    public func coverage(of epoch: Epoch, on executed: some ExecutedChain) throws(StateError) -> CoverageView? {
        let state = executed.state
        guard let census = try state.load(RecordKey<Census>.census(epoch)), census.count > 0,
            let profile = try state.load(RecordKey<ProfileRules>.profile(.coverageRadio))
        else { return nil }
        let parameters: Parameters = try require(.parameters, in: state)
        var resources: [FrozenResource] = []
        for place in 0..<census.count {
            guard let resource = try state.load(RecordKey<FrozenResource>.frozen(epoch, place)) else { return nil }
            resources.append(resource)
        }
        return CoverageView(
            epoch: epoch, rules: CoverageRules(profile, epochBlocks: parameters[.epochBlocks]),
            members: resources.map { Member($0) }, pairs: pairs(resources))
    }

    /// What the chain knows of pairs from their history.
    private func pairs(_ resources: [FrozenResource]) -> OrderedMap<Pair, PairFacts> {
        var pairs = OrderedMap<Pair, PairFacts>()
        for (place, resource) in resources.enumerated() {
            for neighbour in resource.neighbours where !neighbour.reasons.isEmpty {
                var facts = PairFacts()
                facts.isTooPerfect = neighbour.reasons.contains(.tooPerfect)
                facts.ignoresPowerSteps = neighbour.reasons.contains(.powerStep)
                pairs[Pair(target: UInt32(place), witness: neighbour.place)] = facts
            }
        }
        return pairs
    }
}

extension CoverageRules {
    /// The numbers of a network's radio profile.
    init(_ profile: ProfileRules, epochBlocks: UInt64) {
        self.init(
            profile: profile.profile.rawValue, epochBlocks: epochBlocks, seats: Int(clamping: profile["seats"]),
            quorum: Int(clamping: profile["quorum"]), independent: Int(clamping: profile["independent"]),
            nearest: profile["nearestMetres"], farthest: profile["farthestMetres"])
    }
}

extension Member {
    init(_ frozen: FrozenResource) {
        let region = frozen.offer.radio.flatMap { Region(rawValue: $0.region) }
        let network = frozen.site.network
        self.init(
            id: frozen.id, controller: frozen.controller, stakeRoot: frozen.stakeRoot, device: frozen.offer.device,
            randomness: frozen.offer.randomness, place: frozen.site.position.direction, region: region ?? .eu868,
            network: UInt64(network.family.rawValue) << 56 | network.prefix, gain: frozen.offer.radio?.gain ?? 0,
            trust: UInt64(frozen.multiplier), captor: frozen.captor, scale: UInt64(frozen.scale),
            rateMilli: UInt64(frozen.rate),
            isReciprocal: frozen.has(.isReciprocal),
            neighbours: frozen.neighbours.map { Neighbour(index: $0.place, heard: $0.heard) },
            isTwin: frozen.reasons.contains(.twin), isTooPerfect: frozen.reasons.contains(.tooPerfect),
            takesPart: frozen.offer.profile == .coverageRadio && region != nil)
    }
}
