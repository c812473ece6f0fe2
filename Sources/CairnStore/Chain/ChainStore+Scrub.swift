import CairnBase
import CairnCrypto
import CairnLedger

extension ChainStore {
    /// Reads everything there is and names every row that is not what was written. An empty answer means that all
    /// blocks, receipts and verdicts carry their checks, and that the state is the one the newest block left behind.
    ///
    /// It looks at the whole file, and first brings the state table up to the newest block, so it is for an operator or
    /// for a quiet hour.
    public func scrub() throws(StoreError) -> [String] {
        guard let head else { return [] }
        try sync()
        var findings: [String] = []
        for number in 0...head.height.number {
            try note(&findings) { () throws(StoreError) in _ = try block(at: Height(number)) }
            try note(&findings) { () throws(StoreError) in _ = try receipts(at: Height(number)) }
            try note(&findings) { () throws(StoreError) in _ = try writer.file().blocks.verdicts(at: Height(number)) }
        }
        var pending: [String] = []
        try note(&pending) { () throws(StoreError) in try settle() }
        // With damage there the table cannot be brought up to the newest block, and only that can be compared.
        if pending.isEmpty { try loaded.scrub(&findings) }
        return findings + pending
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
