import CairnBase
import CairnWire

/// Paying for an epoch, once all its verdicts are in: validators by their views, then each profile by weight.
extension BlockRun {
    mutating func settle(_ epoch: Epoch) throws(StateError) {
        try payValidators(epoch)
        let frozen = try loadFrozen(epoch)
        var shares = frozen.map { _ in EpochShare() }
        var tracks: [Track] = []
        for resource in frozen { tracks.append(try state.require(.track(resource.number))) }
        try judge(epoch, frozen, &shares, &tracks)
        for index in shares.indices { shares[index].weigh(frozen[index]) }
        for profile in Profile.allCases { try payProofs(profile, epoch, frozen, &shares) }
        try payForObjects(epoch, frozen, &shares)
        for profile in Profile.allCases { try payUsage(profile, epoch, frozen, &shares) }
        var rewarded: [UInt32] = []
        for (place, resource) in frozen.enumerated() {
            try credit(resource, &shares[place], &tracks[place])
            try grow(&tracks[place], shares[place], resource)
            state.store(.track(resource.number), tracks[place])
            if !shares[place].isEmpty {
                state.store(.reward(epoch, resource.id), Reward(shares[place], of: resource))
                rewarded.append(resource.number)
            }
            state.remove(.frozen(epoch, UInt32(place)))
        }
        for page in NumberPage.pages(upTo: UInt32(clamping: frozen.count)) { state.remove(.sellers(epoch, page)) }
        state.remove(.census(epoch))
        for (page, numbers) in NumberPage.pages(of: rewarded) { state.store(.rewardedNumbers(epoch, page), numbers) }
    }

    private mutating func loadFrozen(_ epoch: Epoch) throws(StateError) -> [FrozenResource] {
        var resources: [FrozenResource] = []
        for place in 0..<(try state.load(.census(epoch))?.count ?? 0) {
            resources.append(try state.require(.frozen(epoch, place)))
        }
        return resources
    }

    /// Splits a profile's pot for proofs: to receipts an even part, to islands at most theirs, the rest by weight.
    private mutating func payProofs(
        _ profile: Profile, _ epoch: Epoch, _ frozen: [FrozenResource], _ shares: inout [EpochShare]
    ) throws(StateError) {
        guard let rules = try state.load(.profile(profile)), let pot = try state.load(.profilePot(epoch, profile)),
            var funds = try state.load(.funds(profile))
        else { return }
        let receipts = shares.map { $0.receipts[profile.order] }
        let receiptCount = receipts.reduce(0, +)
        let witnessPool = receiptCount == 0 ? .zero : pot.bootstrap.share(ppm: rules.witnessPPM)
        let forReceipts = witnessPool.split(by: receipts)
        for (place, part) in forReceipts.parts.enumerated() {
            shares[place].witnessing = shares[place].witnessing.plus(part)
        }
        let members = frozen.indices.filter { frozen[$0].offer.profile == profile }
        let pool = pot.bootstrap.minus(witnessPool)
        let weights = members.map { shares[$0].weight }
        let islandWeights = members.map { shares[$0].islandWeight }
        let (weight, islandWeight) = (weights.total, islandWeights.total)
        let islandPool = islandPart(of: pool, islandWeight, beside: weight)
        let split = pool.minus(islandPool).split(by: weights)
        let islandSplit = islandPool.split(by: islandWeights)
        for (index, place) in members.enumerated() {
            shares[place].bootstrap = split.parts[index].plus(islandSplit.parts[index])
        }
        funds.carry = funds.carry.plus(split.rest).plus(islandSplit.rest).plus(forReceipts.rest)
        funds.unitReward.add(pool.units / max(1, members.reduce(0) { $0 + UInt64(frozen[$1].offer.capacity ?? 1) }))
        state.store(.funds(profile), funds)
        state.store(.profilePot(epoch, profile), ProfilePot(bootstrap: .zero, usage: pot.usage))
        let verdicts = members.reduce(UInt32(0)) { $0 + shares[$1].verdicts }
        state.store(
            .result(epoch, profile),
            EpochResult(
                pool: pool, witnessPool: witnessPool, receipts: receiptCount, weight: UInt64(clamping: weight),
                islandPool: islandPool, islandWeight: UInt64(clamping: islandWeight),
                carry: split.rest.plus(islandSplit.rest).plus(forReceipts.rest), verdicts: verdicts))
    }

    /// Islands together get their weight's part and never more than a twentieth.
    private func islandPart(of pool: Amount, _ islands: UInt128, beside others: UInt128) -> Amount {
        guard islands > 0 else { return .zero }
        let byWeight = UInt128(pool.units) * islands / (islands + others)
        return min(pool.share(ppm: parameters[.islandPoolPPM]), Amount(units: UInt64(clamping: byWeight)))
    }

    /// Usage pay follows what was burned for a provider and stays below it, so that paying oneself loses.
    private mutating func payUsage(
        _ profile: Profile, _ epoch: Epoch, _ frozen: [FrozenResource], _ shares: inout [EpochShare]
    ) throws(StateError) {
        guard let pot = try state.load(.profilePot(epoch, profile)), var funds = try state.load(.funds(profile)) else {
            return
        }
        let members = frozen.indices.filter { frozen[$0].offer.profile == profile }
        let available = funds.usageCarry.reduce(pot.usage) { $0.plus($1) }
        let parts = available.split(by: members.map { shares[$0].burned.units }).parts
        var spent = Amount.zero
        for (index, place) in members.enumerated() {
            shares[place].usage = min(parts[index], shares[place].burned.share(ppm: 850_000))
            spent = spent.plus(shares[place].usage)
            if shares[place].burned > .zero {
                try recordBurn(shares[place].burned.reduced(by: shares[place].usage), for: frozen[place].number, epoch)
            }
        }
        let fromPot = min(spent, pot.usage)
        let slot = Int(parameters.period(of: self.epoch) % UInt64(ProfileFunds.usageCarryPeriods))
        funds.take(spent.minus(fromPot), newestFirstFrom: slot)
        funds.usageCarry[slot] = funds.usageCarry[slot].plus(pot.usage.minus(fromPot))
        state.store(.funds(profile), funds)
        state.remove(.profilePot(epoch, profile))
    }

    /// Hands out what a resource got, or keeps a part until its bond is full.
    private mutating func credit(
        _ resource: FrozenResource, _ share: inout EpochShare, _ track: inout Track
    ) throws(StateError) {
        share.held = try heldPart(of: share.bootstrap, resource, track)
        track.held = track.held.plus(share.held)
        let pay = share.bootstrap.minus(share.held).plus(share.witnessing).plus(share.usage)
        try credit(resource.controller, pay)
    }
}

extension ProfileFunds {
    /// Takes an amount that is there out of the carried usage pay, the newest period's first.
    mutating func take(_ amount: Amount, newestFirstFrom slot: Int) {
        var left = amount
        for age in 0..<Self.usageCarryPeriods {
            let index = (slot + Self.usageCarryPeriods - age) % Self.usageCarryPeriods
            let part = min(left, usageCarry[index])
            usageCarry[index] = usageCarry[index].minus(part)
            left = left.minus(part)
        }
    }
}

extension [UInt64] {
    var total: UInt128 { reduce(0) { $0 + UInt128($1) } }
}
