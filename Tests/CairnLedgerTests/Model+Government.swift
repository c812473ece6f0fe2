import CairnBase
import CairnLedger

/// Votes, written a second time.
struct ModelGovernment {
    struct Motion {
        var by: AccountID, change: ProposedChange, deposit: UInt64, snapshot: UInt64, all: UInt64, ends: UInt64,
            acts: UInt64
        var yes: UInt64 = 0, no: UInt64 = 0, isOpen = true, isAdopted = false, voters: Set<AccountID> = []
    }

    var proposals: [Motion] = []
    var executed = 0
    /// Every change of a stake: from which period on it was how much.
    var stakes: [AccountID: [(period: UInt64, amount: UInt64)]] = [:]
    var version: (active: UInt32, next: UInt32, from: UInt64) = (1, 0, 0)
}

extension Model {
    mutating func noteStake(of account: AccountID, _ epoch: UInt64) {
        let period = epoch / parameters[.epochsPerPeriod]
        government.stakes[account, default: []].append((period, bonded[account, default: 0]))
    }

    /// What was bonded before anything changed in a period.
    private func stake(of account: AccountID, before period: UInt64) -> UInt64 {
        government.stakes[account, default: []].last { $0.period < period }?.amount ?? founding[account, default: 0]
    }

    mutating func propose(
        _ change: ProposedChange, _ sender: AccountID, _ height: UInt64, _ epoch: UInt64
    ) -> Outcome {
        if !isPossible(change, height) { return .changeOutOfBounds }
        if government.proposals.count(where: \.isOpen) == 64 { return .tooManyProposals }
        let deposit = parameters[.proposalDeposit]
        if balance[sender, default: 0] < deposit { return .insufficientBalance }
        balance[sender, default: 0] -= deposit
        let period = parameters[.epochBlocks] * parameters[.epochsPerPeriod]
        let snapshot = epoch / parameters[.epochsPerPeriod]
        let everyone = Set(founding.keys).union(government.stakes.keys)
        let all = everyone.reduce(0) { $0 + stake(of: $1, before: snapshot) }
        let ends = height + parameters[.votingPeriods] * period
        government.proposals.append(
            ModelGovernment.Motion(
                by: sender, change: change, deposit: deposit, snapshot: snapshot, all: all, ends: ends,
                acts: ends + parameters[.timelockPeriods] * period))
        return .applied
    }

    mutating func vote(_ number: UInt32, _ isYes: Bool, _ sender: AccountID, _ height: UInt64) -> Outcome {
        if Int(number) >= government.proposals.count { return .unknownProposal }
        var motion = government.proposals[Int(number)]
        if !motion.isOpen || motion.isAdopted || height > motion.ends { return .votingOver }
        if motion.voters.contains(sender) { return .alreadyVoted }
        let weight = min(bonded[sender, default: 0], stake(of: sender, before: motion.snapshot))
        if weight == 0 { return .noVote }
        motion.voters.insert(sender)
        if isYes { motion.yes += weight } else { motion.no += weight }
        government.proposals[Int(number)] = motion
        return .applied
    }

    mutating func govern(_ height: UInt64) {
        if government.version.next > 0, government.version.from <= height {
            government.version = (government.version.next, 0, 0)
        }
        for index in government.proposals.indices where government.proposals[index].isOpen {
            var motion = government.proposals[index]
            if !motion.isAdopted, motion.ends < height {
                let isHeard =
                    motion.yes + motion.no > 0
                    && (motion.yes + motion.no) * 1_000_000 >= motion.all * parameters[.quorumPPM]
                if isHeard {
                    balance[motion.by, default: 0] += motion.deposit
                } else {
                    burned += motion.deposit
                    burnedNow += motion.deposit
                }
                motion.deposit = 0
                var isWanted = motion.yes > motion.no
                if case .version = motion.change { isWanted = motion.yes >= 2 * motion.no }
                motion.isAdopted = isHeard && isWanted
                motion.isOpen = motion.isAdopted
            }
            if motion.isAdopted, motion.acts < height {
                motion.isOpen = false
                if isPossible(motion.change, height) {
                    government.executed += 1
                    switch motion.change {
                    case .parameter(let parameter, let value): _ = parameters.set(parameter, to: value)
                    case .share(let profile, let ppm): economy.funds[Int(profile.rawValue) - 1].share = ppm
                    case .version(let version, let from):
                        government.version = (government.version.active, version, from.number)
                    }
                }
            }
            government.proposals[index] = motion
        }
    }

    private func isPossible(_ change: ProposedChange, _ height: UInt64) -> Bool {
        switch change {
        case .parameter(let parameter, let value):
            if parameter == .epochBlocks || parameter == .epochsPerPeriod { return false }
            if !parameter.rule.bounds.contains(value) { return false }
            let others =
                parameter == .validatorsPPM
                ? parameters[.treasuryPPM]
                : parameter == .treasuryPPM ? parameters[.validatorsPPM] : 0
            return others == 0 || others + value <= 1_000_000
        case .share(let profile, let ppm):
            let others = economy.funds.enumerated().filter { $0.offset != Int(profile.rawValue) - 1 }
            return ppm <= 1_000_000 && others.reduce(ppm) { $0 + $1.element.share } <= 1_000_000
        case .version(let version, let from):
            return version > government.version.active && from.number > height
        }
    }
}
