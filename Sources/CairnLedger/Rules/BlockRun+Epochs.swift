import CairnBase

/// What happens because of time alone: emission when an epoch begins; pay, heartbeat and the next committee when it
/// ends.
extension BlockRun {
    mutating func begin() throws(StateError) {
        try followVersion()
        if context.height == parameters.firstHeight(of: epoch) {
            try governEpoch()
            try openEpoch()
        }
        try recordAttendance()
        try giveUpUnheld()
        try placeOrders()
    }

    mutating func end() throws(StateError) {
        guard context.height == parameters.lastHeight(of: epoch) else { return }
        let lag = parameters.settlementLag
        if epoch.number >= lag { try settle(epoch.preceding(by: lag)) }
        try dismissSilent()
        if epoch.next.number.isMultiple(of: parameters[.epochsPerPeriod]) { try flowTrust() }
        try freeze(for: epoch.advanced(by: 2))
        try seatCommittee()
        try forget()
    }

    private mutating func openEpoch() throws(StateError) {
        var supply = try state.require(.supply)
        let budget = supply.openEpoch(epoch, parameters)
        supply.reserve = supply.reserve.plus(try openProfiles(budget.profiles))
        state.store(.supply, supply)
        state.store(.pot(epoch), EpochPot(validators: budget.validators))
        let members = try state.load(.committee(epoch))?.members.count ?? 0
        state.store(.attendance(epoch), Attendance(members: members))
    }

    /// Fills the pots of the profiles and returns what goes back to the reserve: what nobody's share is, what a profile of
    /// few stake roots does not get, and usage pay that nobody earned in ten periods.
    private mutating func openProfiles(_ budget: Amount) throws(StateError) -> Amount {
        let census = try state.load(.census(epoch))
        let isNewPeriod = epoch.number.isMultiple(of: parameters[.epochsPerPeriod])
        var back = budget
        for profile in Profile.allCases {
            guard let rules = try state.load(.profile(profile)), var funds = try state.load(.funds(profile)) else {
                continue
            }
            if isNewPeriod { back = back.plus(funds.turnPeriod(parameters.period(of: epoch))) }
            let roots = min(UInt64(census?.roots(of: profile) ?? 0), parameters[.rootsForFullPool])
            let part = budget.share(ppm: rules.sharePPM).share(of: roots, in: parameters[.rootsForFullPool])
            let forProofs = rules.subsidy == .fading ? part.share(ppm: funds.bootstrapPPM) : .zero
            back = back.minus(part)
            let pot = ProfilePot(bootstrap: forProofs.plus(funds.carry), usage: part.minus(forProofs))
            funds.open(part, bootstrap: forProofs)
            state.store(.profilePot(epoch, profile), pot)
            state.store(.funds(profile), funds)
        }
        return back
    }

    private mutating func recordAttendance() throws(StateError) {
        guard var attendance = try state.load(.attendance(epoch)),
            let members = try state.load(.committee(epoch))?.members
        else { return }
        if let leader = members.firstIndex(where: { $0.account == context.proposer }) {
            attendance.counts[leader].met += 1
        }
        for account in context.missed {
            guard let leader = members.firstIndex(where: { $0.account == account }) else { continue }
            attendance.counts[leader].missed += 1
        }
        state.store(.attendance(epoch), attendance)
    }

    /// Pays the validators of an epoch by bond and by how many of their views they met.
    mutating func payValidators(_ epoch: Epoch) throws(StateError) {
        guard let pot = try state.load(.pot(epoch)), let members = try state.load(.committee(epoch))?.members,
            let attendance = try state.load(.attendance(epoch))
        else { return }
        let weights = zip(members, attendance.counts).map { member, count in
            member.weight.times(UInt64(count.met), over: count.drawn) ?? 0
        }
        let shares = pot.validators.split(by: weights)
        for (member, share) in zip(members, shares.parts) { try credit(member.account, share) }
        var supply = try state.require(.supply)
        supply.validatorsCarry = supply.validatorsCarry.plus(shares.rest)
        state.store(.supply, supply)
        state.remove(.pot(epoch))
        state.remove(.attendance(epoch))
    }

    /// Takes members off the list that let too many of their views pass. If those who did hold a third of the weight
    /// or more, the network failed and not they, and all stay.
    private mutating func dismissSilent() throws(StateError) {
        guard let members = try state.load(.committee(epoch))?.members,
            let attendance = try state.load(.attendance(epoch))
        else { return }
        let silent = zip(members, attendance.counts).filter { _, count in
            guard count.missed >= Self.missesMin else { return false }
            return UInt64(count.missed).times(.millionPPM, over: count.drawn) ?? 0 > parameters[.missedViewsPPM]
        }.map(\.0)
        let all = members.reduce(UInt128(0)) { $0 + UInt128($1.weight) }
        let lost = silent.reduce(UInt128(0)) { $0 + UInt128($1.weight) }
        guard 3 * lost < all else { return }
        for member in silent { _ = try dismiss(member.account) }
    }

    /// Fewer missed views than this say nothing.
    private static var missesMin: UInt32 { 4 }

    /// Fixes the committee of the epoch after the next: the candidates with the greatest bonds. With no candidate left
    /// the last committee stays, for a chain without one could never move again.
    private mutating func seatCommittee() throws(StateError) {
        var candidates: [Committee.Member] = []
        for account in try state.require(.candidates).accounts {
            guard let validator = try state.load(.validator(account)), let stake = try state.load(.stake(account)),
                stake.bonded >= parameters.amount(.candidateBondMin)
            else { continue }
            candidates.append(
                Committee.Member(account: account, keys: validator.keys, weight: stake.bonded.units))
        }
        let seats = Committee(heaviest: parameters[.committeeMax], of: candidates)
        if seats.members.isEmpty, let last = try state.load(.committee(epoch.next)) {
            state.store(.committee(epoch.advanced(by: 2)), last)
        } else {
            state.store(.committee(epoch.advanced(by: 2)), seats)
        }
    }
}
