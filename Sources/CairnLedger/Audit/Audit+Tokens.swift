import CairnBase

extension StateAudit {
    /// The tokens that an entry holds: summed over all entries they are the cap (I1).
    static func tokens(
        _ bytes: [UInt8], under key: StateKey, of table: StateTable
    ) throws(StateError) -> [Amount] {
        switch table {
        case .supply: return try decodeRecord(bytes, under: RecordKey<Supply>(key)).parts
        case .account: return [try decodeRecord(bytes, under: RecordKey<Account>(key)).balance]
        case .stake:
            let stake = try decodeRecord(bytes, under: RecordKey<Stake>(key))
            return [stake.bonded] + stake.unbonding.map(\.amount)
        case .pot: return [try decodeRecord(bytes, under: RecordKey<EpochPot>(key)).validators]
        case .resource: return [try decodeRecord(bytes, under: RecordKey<Resource>(key)).bond]
        case .track: return [try decodeRecord(bytes, under: RecordKey<Track>(key)).held]
        case .profilePot:
            let pot = try decodeRecord(bytes, under: RecordKey<ProfilePot>(key))
            return [pot.bootstrap, pot.usage]
        case .funds: return try decodeRecord(bytes, under: RecordKey<ProfileFunds>(key)).parts
        case .proposal: return [try decodeRecord(bytes, under: RecordKey<Proposal>(key)).deposit]
        case .object: return [try decodeRecord(bytes, under: RecordKey<PrepaidObject>(key)).left]
        default: return []
        }
    }
}
