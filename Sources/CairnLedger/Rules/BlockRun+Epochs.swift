import CairnBase

/// What happens because of time alone: emission when an epoch begins; pay, heartbeat and the next committee when it
/// ends.
extension BlockRun {
    mutating func begin() throws(StateError) {
        if context.height == parameters.firstHeight(of: epoch) { try openEpoch() }
        try recordAttendance()
    }

    mutating func end() throws(StateError) {
        guard context.height == parameters.lastHeight(of: epoch) else { return }
        if epoch.number >= settlementLag { try settle(epoch.preceding(by: settlementLag)) }
        try dismissSilent()
        try seatCommittee()
        let remembered = max(evidenceEpochs, settlementLag)
        if epoch.number > remembered { state.remove(.committee(epoch.preceding(by: remembered + 1))) }
    }

    /// Verdicts on the last challenges of an epoch may come this many blocks after it.
    private static var lateBlocks: UInt64 { 60 }

    /// How many epochs after an epoch it is settled: at the first end of an epoch by which all its verdicts are in.
    private var settlementLag: UInt64 { (Self.lateBlocks + parameters[.epochBlocks] - 1) / parameters[.epochBlocks] }

    private mutating func openEpoch() throws(StateError) {
        var supply = try state.require(.supply)
        let budget = supply.openEpoch(epoch, parameters)
        state.store(.supply, supply)
        state.store(.pot(epoch), EpochPot(validators: budget))
        let members = try state.load(.committee(epoch))?.members.count ?? 0
        state.store(.attendance(epoch), Attendance(members: members))
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
    private mutating func settle(_ epoch: Epoch) throws(StateError) {
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
