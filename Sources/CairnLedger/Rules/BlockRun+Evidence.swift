import CairnBase

/// Two contradicting votes cost a fraction of everything at risk, once per epoch, and the place on the list.
extension BlockRun {
    mutating func accuse(_ contradiction: Contradiction, by reporter: AccountID) throws(StateError) -> Outcome {
        guard contradiction.epoch <= epoch else { return .evidenceFromTheFuture }
        guard contradiction.epoch.advanced(by: parameters.evidenceEpochs) >= epoch else { return .evidenceTooOld }
        guard let committee = try state.load(.committee(contradiction.epoch)),
            let index = committee.index(of: contradiction.key)
        else { return .notInCommittee }
        let offender = committee.members[index].account
        guard offender != reporter else { return .selfAccusation }
        let record = RecordKey<Punishment>.punishment(of: contradiction.key, in: contradiction.epoch)
        guard try state.load(record) == nil else { return .alreadyPunished }
        let slashed = try slash(offender, ppm: parameters[.doubleVotePPM])
        let reward = slashed.share(ppm: parameters[.reporterPPM])
        try credit(reporter, reward)
        try burn(slashed.minus(reward))
        state.store(record, Punishment(slashed: slashed, reporter: reporter))
        _ = try dismiss(offender)
        return .applied
    }

    private mutating func slash(_ account: AccountID, ppm: UInt64) throws(StateError) -> Amount {
        guard var stake = try state.load(.stake(account)) else { return .zero }
        let taken = stake.slash(stake.atRisk.share(ppm: ppm))
        try keep(&stake, of: account)
        return taken
    }
}
