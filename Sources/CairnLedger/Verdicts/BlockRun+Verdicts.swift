import CairnBase
import CairnWire

/// Verdicts enter the state in their order, once for each challenge, inside their window and with their arithmetic right.
/// Whether their receipts say so was settled by those who voted for the block.
extension BlockRun {
    mutating func adopt(_ verdicts: [Verdict]) throws(StateError) -> [Judgement] {
        var judgements: [Judgement] = []
        var last: VerdictPlace?
        for verdict in verdicts {
            let isInOrder = last.map { $0 < verdict.place } ?? true
            let outcome = try isInOrder ? adopt(verdict) : .outOfOrder
            if isInOrder { last = verdict.place }
            let frozen = FrozenState(epoch: parameters.epoch(of: verdict.height), state: state.base)
            let resource = try verdict.height > .genesis ? frozen.resource(at: verdict.target)?.id : nil
            judgements.append(Judgement(verdict: verdict, outcome: outcome, resource: resource))
        }
        return judgements
    }

    private mutating func adopt(_ verdict: Verdict) throws(StateError) -> VerdictOutcome {
        let place = verdict.place
        guard place.height > .genesis, place.height < context.height else { return .tooEarly }
        let challenged = parameters.epoch(of: place.height)
        guard challenged.advanced(by: parameters.settlementLag) >= epoch else { return .epochSettled }
        let frozen = FrozenState(epoch: challenged, state: state.base)
        guard let target = try frozen.resource(at: place.target),
            let rules = try state.load(.profile(target.offer.profile))
        else { return .unknownTarget }
        guard rules.challenge == verdict.kind else { return .wrongKind }
        guard place.height.advanced(by: rules.window.first) <= context.height else { return .tooEarly }
        guard place.height.advanced(by: rules.window.last) >= context.height else { return .tooLate }
        guard try state.load(.verdict(place)) == nil else { return .alreadyJudged }
        guard try knowsWitnesses(of: verdict, target, frozen) else { return .unknownWitness }
        guard let arithmetic = ledger.verifiers[rules.verifier] else { return .unknownVerifier }
        guard try arithmetic(verdict, rules, frozen) else { return .wrongArithmetic }
        var judged = try state.load(.judged(place.height)) ?? JudgedPlaces()
        guard !judged.isFull else { return .tooManyVerdicts }
        judged.insert(verdict)
        state.store(.judged(place.height), judged)
        state.store(.verdict(place), OrderedVerdict(verdict, in: context.height))
        if case .storage(let shown) = verdict, shown.passed, shown.kind == .hotRound {
            try takeBack(target.number, slot: shown.partition, shownAt: shown.height)
        }
        return .adopted
    }

    /// Coverage is witnessed by others of the profile; storage by anyone but the provider.
    private func knowsWitnesses(
        of verdict: Verdict, _ target: FrozenResource, _ frozen: FrozenState<Base>
    ) throws(StateError) -> Bool {
        switch verdict {
        case .coverage(let verdict):
            for seat in verdict.seats {
                guard let witness = try frozen.resource(at: seat.witness), seat.witness != verdict.target,
                    witness.offer.profile == target.offer.profile
                else { return false }
            }
        case .storage(let verdict):
            for walk in verdict.walks {
                guard walk.witness != verdict.provider, try frozen.resource(at: walk.witness) != nil else {
                    return false
                }
            }
        }
        return true
    }
}

/// The frozen set of one epoch, read from a state.
struct FrozenState<State: StateReader>: FrozenSet {
    let epoch: Epoch
    let state: State

    func resource(at place: UInt32) throws(StateError) -> FrozenResource? {
        try state.load(.frozen(epoch, place))
    }
}
