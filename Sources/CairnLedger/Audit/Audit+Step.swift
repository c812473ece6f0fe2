import CairnBase

/// Checks what must be true of the step that a block's changes make from a state: what changed holds as many tokens as
/// before (I1), nonces and counts only grow (I6), burned tokens come back only within the bound of re-emission, and the
/// reserve gains only at the start of an epoch (I2).
public func auditStep(
    _ changes: [StateChange], from before: some StateReader, opensEpoch: Bool
) throws(StateError) -> [AuditFinding] {
    var findings: [AuditFinding] = []
    let (held, holds) = (try tokens(before: changes, in: before), try tokens(after: changes))
    if held == nil || held != holds { findings.append(.supply(total: holds)) }
    for change in changes {
        guard let bytes = change.value, let old = try before.value(for: change.key) else { continue }
        switch change.key.table {
        case .account:
            let key = RecordKey<Account>(change.key)
            if try decodeRecord(bytes, under: key).nonce < decodeRecord(old, under: key).nonce {
                findings.append(.inconsistent(change.key, "I6: a nonce fell"))
            }
        case .registrations, .resourceCount, .objectCount:
            let key = RecordKey<Count>(change.key)
            if try decodeRecord(bytes, under: key).value < decodeRecord(old, under: key).value {
                findings.append(.inconsistent(change.key, "I6: a count fell"))
            }
        case .supply:
            let key = RecordKey<Supply>(change.key)
            let (now, then) = (try decodeRecord(bytes, under: key), try decodeRecord(old, under: key))
            let back = then.burned.reduced(by: now.burned)
            if back > .zero, !opensEpoch || back.units > now.firstEmission / 100 {
                findings.append(.inconsistent(change.key, "I2: burned tokens came back"))
            }
            if now.reserve > then.reserve, !opensEpoch {
                findings.append(.inconsistent(change.key, "I2: the reserve grew inside an epoch"))
            }
        default: break
        }
    }
    return findings
}

private func tokens(after changes: [StateChange]) throws(StateError) -> Amount? {
    var amounts: [Amount] = []
    for change in changes {
        guard let bytes = change.value, let table = change.key.table else { continue }
        amounts += try StateAudit.tokens(bytes, under: change.key, of: table)
    }
    return amounts.total()
}

private func tokens(before changes: [StateChange], in state: some StateReader) throws(StateError) -> Amount? {
    var amounts: [Amount] = []
    for change in changes {
        guard let bytes = try state.value(for: change.key), let table = change.key.table else { continue }
        amounts += try StateAudit.tokens(bytes, under: change.key, of: table)
    }
    return amounts.total()
}
