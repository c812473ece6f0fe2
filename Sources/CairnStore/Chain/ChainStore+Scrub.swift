import CairnBase
import CairnCrypto
import CairnLedger

extension ChainStore {
    /// Reads everything there is and names every row that is not what was written. An empty answer means that all
    /// blocks and receipts carry their checks, and that the state is the one the newest block left behind.
    ///
    /// It looks at the whole file and builds the state's tree a second time, so it is for an operator or for a quiet
    /// hour, not for every start.
    public func scrub() throws(StoreError) -> [String] {
        guard let head else { return [] }
        var findings: [String] = []
        for number in 0...head.height.number {
            try note(&findings) { () throws(StoreError) in _ = try block(at: Height(number)) }
            try note(&findings) { () throws(StoreError) in _ = try receipts(at: Height(number)) }
        }
        var entries: [StateChange] = []
        try database.prepare(#"SELECT key, value, "check" FROM state ORDER BY key"#).forEach { row in
            let (key, value) = (StateKey(bytes: row.blob(0)), row.blob(1))
            if check.short(key.bytes, value) == .integer(row.integer(2)) {
                entries.append(StateChange(key: key, value: value))
            } else {
                findings.append("state \(key)")
            }
        }
        let built: Digest
        do {
            built = try StateTree(Blake2b()).apply(entries, to: MemoryState()).root
        } catch {
            throw StoreError(error)
        }
        if built != head.root, findings.isEmpty {
            findings.append("state: its root is not that of block \(head.height)")
        }
        return findings
    }

    /// Damage is what a scrub looks for; any other error ends it.
    private func note(_ findings: inout [String], _ read: () throws(StoreError) -> Void) throws(StoreError) {
        do {
            try read()
        } catch {
            guard case .damaged(let row) = error else { throw error }
            findings.append(row)
        }
    }
}
