import CairnBase
import CairnLedger

extension StateRows {
    /// Reads every entry again and names those that are not what the tree says; nothing is pending.
    func scrub(_ findings: inout [String]) throws(StoreError) {
        let (count, damaged) = try damagedEntries()
        findings += damaged
        guard damaged.isEmpty else { return }
        try tree.forEachBucket { (place, branch) throws(StoreError) in
            if !holds(try storedBucket(at: place), at: place, as: branch) { findings.append("state below \(place)") }
        }
        let expected = tree.count
        if count != expected { findings.append("state: \(count) entries where there should be \(expected)") }
    }

    /// How many entries the table has that are what was written, and the names of the others.
    func damagedEntries() throws(StoreError) -> (count: Int, damaged: [String]) {
        var count = 0
        var damaged: [String] = []
        var previous: Digest?
        try statements.all.forEach { row throws(StoreError) in
            do throws(StoreError) {
                let (key, _) = try entry(of: row)
                let path = hash.path(of: key)
                guard previous.map({ $0 < path }) ?? true else { throw StoreError.damaged(row: "state \(key)") }
                previous = path
                count += 1
            } catch {
                guard case .damaged(let name) = error else { throw error }
                damaged.append(name)
            }
        }
        return (count, damaged)
    }
}
