import CairnBase

/// New tokens are a transfer out of a finite reserve, so the cap holds for ever without a table.
extension Supply {
    /// Begins an epoch: at the start of a period a part of the reserve, and a little of what was burned, is set aside for
    /// it, and every epoch of the period gets an even part of what is left of that.
    mutating func openEpoch(_ epoch: Epoch, _ parameters: Parameters) -> EpochBudget {
        let epochs = parameters[.epochsPerPeriod]
        let position = epoch.number % epochs
        if position == 0 { openPeriod(parameters) }
        let budget = Amount(units: emitted.units / (epochs - position))
        let forValidators = budget.share(ppm: parameters[.validatorsPPM])
        let forTreasury = budget.share(ppm: parameters[.treasuryPPM])
        emitted = emitted.minus(budget)
        treasury = treasury.plus(forTreasury)
        let pot = forValidators.plus(validatorsCarry)
        validatorsCarry = .zero
        return EpochBudget(
            validators: pot, profiles: budget.minus(forValidators).minus(forTreasury))
    }

    private mutating func openPeriod(_ parameters: Parameters) {
        let emission = reserve.emission(rateQ32: parameters[.emissionRateQ32])
        if firstEmission == 0 { firstEmission = emission.units }
        recentBurns = (recentBurns + [burnedNow]).suffix(Self.burnPeriods)
        burnedNow = 0
        let smoothed = recentBurns.total / UInt128(Self.burnPeriods)
        let again = min(burned, Amount(units: min(firstEmission / 100, UInt64(clamping: smoothed))))
        reserve = reserve.minus(emission)
        burned = burned.minus(again)
        emitted = emitted.plus(emission).plus(again)
    }
}

/// What an epoch has to pay out.
struct EpochBudget {
    let validators: Amount
    /// Still to be split; what no profile takes goes back to the reserve.
    let profiles: Amount
}

extension Amount {
    /// What a period emits out of this reserve: ⌊reserve × rate ÷ 2^32⌋.
    func emission(rateQ32: UInt64) -> Amount { times(rateQ32, over: 1 << 32) ?? self }

    /// Splits an amount by weights, rounding down; what rounding leaves, or all of it when nobody weighs anything, is
    /// the rest.
    func split(by weights: [UInt64]) -> (parts: [Amount], rest: Amount) {
        let total = weights.reduce(UInt128(0)) { $0 + UInt128($1) }
        guard total > 0 else { return (weights.map { _ in .zero }, self) }
        let parts = weights.map { weight in
            Amount(units: UInt64(clamping: (UInt128(units) * UInt128(weight)) / total))
        }
        return (parts, parts.reduce(self) { $0.minus($1) })
    }
}
