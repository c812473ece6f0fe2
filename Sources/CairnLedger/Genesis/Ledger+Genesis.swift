import CairnBase

extension Ledger {
    /// The state a chain starts from, as changes to an empty state.
    ///
    /// The first two committees come from the founders: a committee is fixed two epochs before it sits, and nothing
    /// comes before genesis.
    public func begin(_ genesis: Genesis) throws(StateError) -> BlockOutcome {
        let empty = MemoryState()
        var state = Workspace(over: empty)
        state.store(.parameters, genesis.parameters)
        state.store(.supply, Supply(reserve: genesis.reserve, treasury: genesis.treasury))
        for allocation in genesis.accounts {
            state.store(.account(allocation.account), Account(balance: allocation.balance))
        }
        for founder in genesis.validators {
            state.store(.stake(founder.account), Stake(bonded: founder.bond))
            state.store(.validator(founder.account), Validator(keys: founder.keys, isCandidate: true))
            state.store(.voteKey(founder.keys.vote), VoteKeyOwner(account: founder.account))
        }
        state.store(.candidates, CandidateList(genesis.validators.map(\.account)))
        let founders = genesis.validators.map {
            Committee.Member(account: $0.account, keys: $0.keys, weight: $0.bond.units)
        }
        state.store(.bonded, StakeHistory(genesis.validators.reduce(Amount.zero) { $0.plus($1.bond) }))
        state.store(.anchors, AnchorList(genesis.anchors))
        state.store(.openProposals, OpenProposals())
        state.store(.version, ProtocolVersion(ProtocolVersion.supported))
        for rules in genesis.profiles {
            state.store(.profile(rules.profile), rules)
            state.store(.funds(rules.profile), ProfileFunds())
        }
        let seats = Committee(heaviest: genesis.parameters[.committeeMax], of: founders)
        state.store(.committee(Epoch(0)), seats)
        state.store(.committee(Epoch(1)), seats)
        return try conclude(state, over: empty, receipts: [])
    }
}
