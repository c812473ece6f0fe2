import CairnBase
import CairnWire

/// Proposals: voted on by stake as it was before anyone knew of them, adopted, and in force only after a time in which
/// who disagrees can leave.
extension BlockRun {
    mutating func propose(_ change: ProposedChange, by proposer: AccountID) throws(StateError) -> Outcome {
        guard try isPossible(change) else { return .changeOutOfBounds }
        var open = try state.require(.openProposals)
        guard open.numbers.count < OpenProposals.openMax, open.count < .max else { return .tooManyProposals }
        let deposit = parameters.amount(.proposalDeposit)
        guard try debit(proposer, deposit) else { return .insufficientBalance }
        let snapshot = parameters.period(of: epoch)
        let votingEnds = parameters.height(parameters[.votingPeriods], periodsAfter: context.height)
        let proposal = Proposal(
            deposit: deposit, proposer: proposer, change: change, stage: .voting, snapshot: snapshot,
            electorate: try state.require(.bonded).amount(atStartOf: snapshot), votingEnds: votingEnds,
            executes: parameters.height(parameters[.timelockPeriods], periodsAfter: votingEnds), yes: .zero, no: .zero)
        state.store(.proposal(open.count), proposal)
        open.numbers.append(open.count)
        open.count += 1
        state.store(.openProposals, open)
        return .applied
    }

    mutating func vote(_ number: UInt32, _ isYes: Bool, by voter: AccountID) throws(StateError) -> Outcome {
        guard var proposal = try state.load(.proposal(number)) else { return .unknownProposal }
        guard proposal.stage == .voting, context.height <= proposal.votingEnds else { return .votingOver }
        guard try state.load(.ballot(number, voter)) == nil else { return .alreadyVoted }
        let stake = try state.load(.stake(voter)) ?? Stake()
        let weight = min(stake.bonded, stake.history.amount(atStartOf: proposal.snapshot))
        guard weight > .zero else { return .noVote }
        state.store(.ballot(number, voter), Ballot(isYes: isYes, weight: weight))
        if isYes { proposal.yes = proposal.yes.plus(weight) } else { proposal.no = proposal.no.plus(weight) }
        state.store(.proposal(number), proposal)
        return .applied
    }

    /// At the first block of an epoch: counts what is over, carries out what is due.
    mutating func governEpoch() throws(StateError) {
        var open = try state.require(.openProposals)
        guard !open.numbers.isEmpty else { return }
        for number in open.numbers {
            var proposal = try state.require(.proposal(number))
            if proposal.stage == .voting, proposal.votingEnds < context.height { try count(&proposal) }
            if proposal.stage == .waiting, proposal.executes < context.height {
                proposal.stage = try carryOut(proposal.change) ? .executed : .failed
            }
            state.store(.proposal(number), proposal)
            if proposal.stage != .voting, proposal.stage != .waiting { open.numbers.removeAll { $0 == number } }
        }
        state.store(.openProposals, open)
    }

    /// A simple majority changes numbers; what every node must follow takes two thirds.
    private mutating func count(_ proposal: inout Proposal) throws(StateError) {
        let (yes, no) = (UInt128(proposal.yes.units), UInt128(proposal.no.units))
        let quorum = UInt128(proposal.electorate.units) * UInt128(parameters[.quorumPPM])
        let isHeard = yes + no > 0 && (yes + no) * 1_000_000 >= quorum
        let isWanted = if case .version = proposal.change { yes >= 2 * no } else { yes > no }
        proposal.stage = isHeard && isWanted ? .waiting : .rejected
        if isHeard { try credit(proposal.proposer, proposal.deposit) } else { try burn(proposal.deposit) }
        proposal.deposit = .zero
    }

    private mutating func isPossible(_ change: ProposedChange) throws(StateError) -> Bool {
        switch change {
        case .parameter(let parameter, let value):
            var changed = parameters
            return parameter.rule.isVotable && changed.set(parameter, to: value)
                && changed[.validatorsPPM] + changed[.treasuryPPM] <= .millionPPM
        case .share(let profile, let ppm):
            guard ppm <= .millionPPM, try state.load(.profile(profile)) != nil else { return false }
            var sum = ppm
            for other in Profile.allCases where other != profile {
                sum += try state.load(.profile(other))?.sharePPM ?? 0
            }
            return sum <= .millionPPM
        case .version(let version, let height):
            return try version > state.require(.version).active && height > context.height
        }
    }

    private mutating func carryOut(_ change: ProposedChange) throws(StateError) -> Bool {
        guard try isPossible(change) else { return false }
        switch change {
        case .parameter(let parameter, let value):
            parameters[parameter] = value
            state.store(.parameters, parameters)
        case .share(let profile, let ppm):
            var rules = try state.require(.profile(profile))
            rules.sharePPM = ppm
            state.store(.profile(profile), rules)
        case .version(let version, let height):
            var versions = try state.require(.version)
            (versions.next, versions.from) = (version, height)
            state.store(.version, versions)
        }
        return true
    }

    /// Takes up the version that is due. Who does not know it stops here, before it says anything wrong.
    mutating func followVersion() throws(StateError) {
        var versions = try state.require(.version)
        if let next = versions.next, versions.from <= context.height {
            (versions.active, versions.next) = (next, nil)
            state.store(.version, versions)
        }
        guard versions.active <= supportedVersion else {
            throw .unsupportedVersion(versions.active)
        }
    }

    private var supportedVersion: UInt32 { ProtocolVersion.supported }
}

extension ProtocolVersion {
    /// The newest rules this program knows.
    public static let supported: UInt32 = 1
}
