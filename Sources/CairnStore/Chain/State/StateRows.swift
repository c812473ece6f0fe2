import CairnBase
import CairnCrypto
import CairnLedger
import CairnWire

/// The state on disk.
///
/// The rows of a large state lie all over its table, and to touch a thousand of them costs SQLite a thousand pages. So
/// a block with many changes is written down as one row of `pending`, and from time to time all that is pending goes
/// into the table at once, in the table's order, each entry in its newest form. A block with few changes is written
/// at once, so on a quiet chain the table is never behind.
final class StateRows {
    /// How the changes of a block are written.
    enum Way: Sendable {
        /// Into the table; nothing is pending.
        case atOnce
        case later
        /// Into the table, after all that is pending.
        case withAllPending
    }

    let check = RowCheck()
    let statements: StateStatements
    let hash = StateTree(Blake2b())
    /// So many entries are hashed at once.
    static let portion = 512

    init(in database: Database) throws(StoreError) {
        statements = try StateStatements.prepare(in: database)
    }
}

extension StateRows {
    /// What lies below a place, as the table has it.
    func bucket(at place: TreePath) throws(StoreError) -> TreeBucket {
        var entries: [TreeEntry] = []
        try statements.range.forEach(.blob(place.prefix.raw.bytes), .blob(place.last.raw.bytes)) {
            row throws(StoreError) in
            let (key, value) = try entry(of: row)
            let path = hash.path(of: key)
            guard place.holds(path), entries.last.map({ $0.leaf.path < path }) ?? true
            else { throw .damaged(row: "state \(key)") }
            entries.append(TreeEntry(leaf: hash.leaf(at: path, value), value: value))
        }
        return TreeBucket(entries[...])
    }

    private func entry(of row: borrowing Statement) throws(StoreError) -> (StateKey, [UInt8]) {
        let (path, key, value) = (row.blob(0), StateKey(bytes: row.blob(1)), row.blob(2))
        guard check.short(path + key.bytes, value) == .integer(row.integer(3)), hash.path(of: key).raw.bytes == path
        else { throw .damaged(row: "state \(key)") }
        return (key, value)
    }

    /// The tree over the table.
    ///
    /// An entry's own check is not looked at. The path follows from the key, and the root, which the caller compares,
    /// from the paths and values; together they say more than the checks do.
    func tree(room: Int) throws(StoreError) -> CommittedTree {
        try statements.all.walk { rows throws(StoreError) in
            var (ahead, mayHaveMore): (ArraySlice<TreeEntry>, Bool) = ([], true)
            var previous: Digest?
            return try hash.build(room: room) { () throws(StoreError) in
                // Behind the last row SQLite would begin again.
                if ahead.isEmpty, mayHaveMore {
                    ahead = try portion(of: rows, after: &previous)[...]
                    mayHaveMore = ahead.count == Self.portion
                }
                return ahead.popFirst()
            }
        }
    }

    /// Some of the entries that come next, so that their hashes can be worked out together.
    private func portion(
        of rows: borrowing Statement, after previous: inout Digest?
    ) throws(StoreError) -> [TreeEntry] {
        var (paths, entries): ([Bytes32], [StateChange]) = ([], [])
        while entries.count < Self.portion, try rows.next() {
            let key = StateKey(bytes: rows.blob(1))
            paths.append(try rows.id(0, of: "state \(key)"))
            entries.append(StateChange(key: key, value: rows.blob(2)))
        }
        var found: [TreeEntry] = []
        found.reserveCapacity(entries.count)
        for (index, leaf) in hash.leaves(of: entries).enumerated() {
            guard Digest(paths[index]) == leaf.path, previous.map({ $0 < leaf.path }) ?? true
            else { throw .damaged(row: "state \(entries[index].key)") }
            previous = leaf.path
            found.append(TreeEntry(leaf: leaf, value: entries[index].value ?? []))
        }
        return found
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
