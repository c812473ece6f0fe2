import CairnBase

/// Who may sit in committees, and under which keys.
extension BlockRun {
    mutating func apply(_ keys: ValidatorKeys, of account: AccountID) throws(StateError) -> Outcome {
        let bonded = try state.load(.stake(account))?.bonded ?? .zero
        guard bonded >= parameters.amount(.candidateBondMin) else { return .bondBelowMinimum }
        if let owner = try state.load(.voteKey(keys.vote)), owner.account != account { return .voteKeyTaken }
        var candidates = try state.require(.candidates)
        if !candidates.accounts.contains(account) {
            guard !candidates.isFull else { return .tooManyCandidates }
            candidates.insert(account)
            state.store(.candidates, candidates)
        }
        state.store(.voteKey(keys.vote), VoteKeyOwner(account: account))
        state.store(.validator(account), Validator(keys: keys, isCandidate: true))
        return .applied
    }

    mutating func resign(_ account: AccountID) throws(StateError) -> Outcome {
        try dismiss(account) ? .applied : .notACandidate
    }

    /// Takes an account off the list. It keeps its seats in the committees that are already fixed.
    mutating func dismiss(_ account: AccountID) throws(StateError) -> Bool {
        guard var validator = try state.load(.validator(account)), validator.isCandidate else { return false }
        validator.isCandidate = false
        state.store(.validator(account), validator)
        var candidates = try state.require(.candidates)
        candidates.remove(account)
        state.store(.candidates, candidates)
        return true
    }

    /// Naming the key that speaks now calls off a change that is under way.
    mutating func rotate(_ account: AccountID, to key: PublicKey) throws(StateError) -> Outcome {
        guard var record = try state.load(.account(account)) else { return .unknownSender }
        let current = record.key(of: account, at: context.height)
        let isUnderWay = record.rotation.map { context.height < $0.start } ?? false
        guard key != current || isUnderWay else { return .sameKey }
        record.key = current == account.key ? nil : current
        record.rotation = nil
        if key != current {
            let start = parameters.height(parameters[.keyRotationPeriods], periodsAfter: context.height.next)
            record.rotation = KeyRotation(key: key, start: start)
        }
        state.store(.account(account), record)
        return .applied
    }
}
