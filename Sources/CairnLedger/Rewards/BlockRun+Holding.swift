import CairnBase
import CairnWire

/// A resource without capital earns its bond: three quarters of its pay are held at first, then half, then a quarter.
extension BlockRun {
    /// What the bond of a resource must come to: a minimum, or so many periods of what its capacity earns.
    func bondNeed(_ rules: ProfileRules, capacity: UInt32?, funds: ProfileFunds?) -> Amount {
        let perUnit = funds?.unitReward.value ?? 0
        let days = perUnit.times(parameters[.bondPeriods], over: 1) ?? 0
        let byReward = days.times(UInt64(capacity ?? 1), over: 1) ?? 0
        return max(rules.bondMin, Amount(units: min(byReward, Amount.cap.units)))
    }

    mutating func heldPart(
        of pay: Amount, _ resource: FrozenResource, _ track: Track
    ) throws(StateError) -> Amount {
        guard pay > .zero, let rules = try state.load(.profile(resource.offer.profile)), rules.bonding == .held,
            let current = try state.load(.resource(resource.id)), !current.isRetired
        else { return .zero }
        let need = bondNeed(
            rules, capacity: resource.offer.capacity, funds: try state.load(.funds(resource.offer.profile)))
        let missing = need.reduced(by: current.bond).reduced(by: track.held)
        return min(missing, pay.share(ppm: parameters.heldPPM(afterPeriods: age(track))))
    }

    /// In periods since it was registered.
    func age(_ track: Track) -> UInt64 {
        parameters.period(of: epoch) - min(parameters.period(of: epoch), parameters.period(of: track.registered))
    }

    /// Half of what is held goes back to who stayed for five stages; the rest when the resource retires in good standing.
    mutating func returnHalf(_ track: inout Track, to controller: AccountID) throws(StateError) {
        guard !track.isHalfReturned, parameters.returnsHalf(afterPeriods: age(track)) else { return }
        track.isHalfReturned = true
        let half = Amount(units: track.held.units / 2)
        track.held = track.held.minus(half)
        try credit(controller, half)
    }

    /// At retirement: to the controller, or burned where the resource was suspended.
    mutating func releaseHeld(_ number: UInt32, to controller: AccountID) throws(StateError) {
        guard var track = try state.load(.track(number)), track.held > .zero else { return }
        if track.isSuspended { try burn(track.held) } else { try credit(controller, track.held) }
        track.held = .zero
        state.store(.track(number), track)
    }
}

extension Parameters {
    /// Which part of its pay is held of a resource so old, while its bond is not full.
    func heldPPM(afterPeriods age: UInt64) -> UInt64 {
        switch age / self[.heldStagePeriods] {
        case 0: 750_000
        case 1: 500_000
        case 2: 250_000
        default: 0
        }
    }

    /// Whether a resource has stayed so long that half of what is held is its controller's.
    func returnsHalf(afterPeriods age: UInt64) -> Bool { age >= 5 * self[.heldStagePeriods] }
}
