import CairnBase
import CairnWire

extension StateAudit {
    /// Whether the bytes are a record of their table, for the tables that nothing else is asked of.
    func checkRecord(_ bytes: [UInt8], under key: StateKey, of table: StateTable) throws(StateError) {
        func check<Value: Record>(_: Value.Type) throws(StateError) {
            _ = try decodeRecord(bytes, under: RecordKey<Value>(key))
        }
        switch table {
        case .parameters: try check(Parameters.self)
        case .validator: try check(Validator.self)
        case .voteKey: try check(VoteKeyOwner.self)
        case .candidates: try check(CandidateList.self)
        case .committee: try check(Committee.self)
        case .attendance: try check(Attendance.self)
        case .punishment: try check(Punishment.self)
        case .resourceName, .device, .radio: try check(ResourceName.self)
        case .registrations, .resourceCount, .objectCount: try check(Count.self)
        case .profile: try check(ProfileRules.self)
        case .census: try check(Census.self)
        case .frozen: try check(FrozenResource.self)
        case .stakeRootSince: try check(StakeRootSince.self)
        case .anchors: try check(AnchorList.self)
        case .neighbourhood: try check(Neighbourhood.self)
        case .pair: try check(PairHistory.self)
        case .openProposals: try check(OpenProposals.self)
        case .ballot: try check(Ballot.self)
        case .version: try check(ProtocolVersion.self)
        case .ordered, .expected, .closing: try check(ObjectList.self)
        case .sellers: try check(NumberPage.self)
        case .forgotten: try check(Forgotten.self)
        case .sealedPartition: try check(SealedPartition.self)
        case .payers, .payees: try check(PaymentPartners.self)
        case .burns: try check(BurnHistory.self)
        case .supply, .account, .stake, .pot, .resource, .track, .profilePot, .funds, .proposal, .object, .reward,
            .result, .bonded, .verdict, .judged, .shard, .holdings, .liveNumbers, .rewardedNumbers, .heldSlots:
            break
        }
    }
}
