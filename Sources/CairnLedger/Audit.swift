public import CairnBase

/// What an audit of a whole state found wrong.
public enum AuditFinding: Error, Equatable, Sendable {
    /// All tokens together are not the cap.
    case supply(total: Amount?)
    /// An entry's bytes are not a record of its table.
    case unreadable(StateKey)
    /// A bond below what a candidate needs, a list that does not match its members, and the like.
    case inconsistent(StateKey, String)
}

/// Checks what must be true of every state, by looking at all of it.
///
/// Simulations run it after every block, a node on demand. It is written against the records, not against the rules
/// that made them, so that a mistake in a rule shows here.
public func audit(_ entries: [StateChange]) -> [AuditFinding] {
    var findings: [AuditFinding] = []
    var amounts: [Amount] = []
    for entry in entries {
        guard let bytes = entry.value else { continue }
        do throws(StateError) {
            switch entry.key.table {
            case .parameters: _ = try decodeRecord(bytes, under: RecordKey<Parameters>(entry.key))
            case .supply: amounts += try decodeRecord(bytes, under: RecordKey<Supply>(entry.key)).parts
            case .account: amounts.append(try decodeRecord(bytes, under: RecordKey<Account>(entry.key)).balance)
            case .stake:
                let stake = try decodeRecord(bytes, under: RecordKey<Stake>(entry.key))
                amounts.append(stake.bonded)
                amounts += stake.unbonding.map(\.amount)
            case .validator: _ = try decodeRecord(bytes, under: RecordKey<Validator>(entry.key))
            case .voteKey: _ = try decodeRecord(bytes, under: RecordKey<VoteKeyOwner>(entry.key))
            case .candidates: _ = try decodeRecord(bytes, under: RecordKey<CandidateList>(entry.key))
            case .committee: _ = try decodeRecord(bytes, under: RecordKey<Committee>(entry.key))
            case .attendance: _ = try decodeRecord(bytes, under: RecordKey<Attendance>(entry.key))
            case .pot: amounts.append(try decodeRecord(bytes, under: RecordKey<EpochPot>(entry.key)).validators)
            case .punishment: _ = try decodeRecord(bytes, under: RecordKey<Punishment>(entry.key))
            case .resource: amounts.append(try decodeRecord(bytes, under: RecordKey<Resource>(entry.key)).bond)
            case .resourceName, .device, .radio: _ = try decodeRecord(bytes, under: RecordKey<ResourceName>(entry.key))
            case .registrations, .resourceCount: _ = try decodeRecord(bytes, under: RecordKey<Count>(entry.key))
            case nil: findings.append(.unreadable(entry.key))
            }
        } catch {
            findings.append(.unreadable(entry.key))
        }
    }
    if amounts.total() != .cap { findings.append(.supply(total: amounts.total())) }
    return findings
}
