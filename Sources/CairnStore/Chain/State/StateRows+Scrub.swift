import CairnLedger

extension StateRows {
    /// Reads every entry again and names those that are not what the tree says.
    func scrub(_ findings: inout [String]) throws(StoreError) {
        try settle()
        var count = 0
        var damaged: [String] = []
        try forEach { (name) throws(StoreError) in
            damaged.append(name)
        } do: { _, _ throws(StoreError) in
            count += 1
        }
        findings += damaged
        guard damaged.isEmpty else { return }
        try tree?.forEachBucket { (place, node) throws(StoreError) in
            if !holds(try storedBucket(at: place), at: place, as: node) { findings.append("state below \(place)") }
        }
        let expected = tree?.count ?? 0
        if count != expected { findings.append("state: \(count) entries where there should be \(expected)") }
    }
}
