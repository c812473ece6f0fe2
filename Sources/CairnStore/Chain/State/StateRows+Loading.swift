import CairnBase
import CairnLedger
import CairnWire

extension StateRows {
    /// Builds the tree over what the file holds: the table, then what is pending.
    ///
    /// An entry's own check is not looked at. The path follows from the key, and the root, which the caller compares,
    /// from the paths and values; together they say more than the checks do.
    func load() throws(StoreError) {
        try statements.all.walk { rows throws(StoreError) in
            var previous: Digest?
            tree =
                try hash.build(room: limits.stateCache) { () throws(StoreError) in
                    guard try rows.next() else { return nil }
                    let key = StateKey(bytes: rows.blob(1))
                    let path = hash.path(of: key)
                    guard Digest(try rows.id(0, of: "state \(key)")) == path, previous.map({ $0 < path }) ?? true
                    else { throw StoreError.damaged(row: "state \(key)") }
                    previous = path
                    let value = rows.blob(2)
                    return TreeEntry(leaf: hash.leaf(at: path, value), value: value)
                }
        }
        try eachPending { height, changes throws(StoreError) in
            let changes = try decoding(height) { () throws(DecodeError) in try PendingChanges.decode(changes) }
            try add(changes)
            pendingBlocks += 1
            pendingChanges += changes.count
        }
        makeRoom()
    }

    private func add(_ changes: [StateChange]) throws(StoreError) {
        do {
            tree.take(try hash.apply(changes, to: StoredState(rows: self)))
        } catch {
            throw StoreError(error)
        }
    }
}
