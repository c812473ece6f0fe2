public import CairnBase
import CairnCrypto
public import CairnLedger
import CairnWire

/// The chain of a directory as it stands at this moment, beside the node that writes it: for questions and audits.
///
/// One read transaction for its whole life, so that everything it says belongs to one block. It writes nothing, takes no
/// lock and never stands in the way of the node; what the node has not brought into the state table yet it reads from
/// where it waits.
public final class ChainReader {
    public let chain: ChainID
    /// The newest block.
    public let head: ChainHead
    private let database: Database
    private let blocks: BlockRows
    private let entry: Statement
    private let entries: Statement
    private let check = RowCheck()
    // ORDER: asked by key; lists are sorted.
    private let pending: [StateKey: [UInt8]?]
    /// Whether the entries were found to be the whole state.
    private var isWhole = false

    public init(directory: String) throws(StoreError) {
        database = try Database(path: directory + "/chain.db", role: .reader)
        try database.expect(ChainSchema.migrations)
        try database.execute("BEGIN")
        blocks = try BlockRows(in: database)
        entry = try database.prepare(#"SELECT key, value, "check" FROM state WHERE path = ?"#)
        entries = try database.prepare(
            #"SELECT path, key, value, "check" FROM state WHERE path >= ? AND path < ? ORDER BY path"#)
        guard let chain = try blocks.chain(), let head = try blocks.head() else {
            throw .damaged(row: "a chain without a beginning")
        }
        (self.chain, self.head) = (chain, head)
        pending = try Self.pending(in: database, check)
    }

    /// What blocks changed that is not in the state table yet, each entry in its newest form.
    private static func pending(
        in database: Database, _ check: RowCheck
    ) throws(StoreError) -> [StateKey: [UInt8]?] {
        var newest: [StateKey: [UInt8]?] = [:]
        let rows = try database.prepare(#"SELECT height, changes, "check" FROM pending ORDER BY height"#)
        try rows.forEach { row throws(StoreError) in
            let (height, bytes) = (row.bits(0), row.blob(1))
            let name = "pending changes of block \(height)"
            guard check.pending(bytes, at: height) == row.blob(2), let changes = try? PendingChanges.decode(bytes)
            else {
                throw .damaged(row: name)
            }
            for change in changes { newest[change.key] = .some(change.value) }
        }
        return newest
    }
}

extension ChainReader {
    /// Nil above the head and where the chain does not keep it. One that should be here and is not is damage.
    public func block(at height: Height) throws(StoreError) -> StoredBlock? { try rooted(at: height)?.block }

    /// The state root after a block; nil where the chain began with a snapshot above it.
    public func root(at height: Height) throws(StoreError) -> Digest? {
        guard let root = try rooted(at: height)?.root, root != .zero else { return nil }
        return root
    }

    private func rooted(at height: Height) throws(StoreError) -> (block: StoredBlock, root: Digest)? {
        try blocks.expected(at: height, through: head.height, in: database)
    }

    public func height(of digest: Digest) throws(StoreError) -> Height? { try blocks.height(of: digest) }

    public func receipts(at height: Height) throws(StoreError) -> [Receipt] { try blocks.receipts(at: height) }

    public func verdicts(at height: Height) throws(StoreError) -> [StoredVerdict] { try blocks.verdicts(at: height) }

    /// The verdicts about a resource, or about all, newest first.
    public func verdicts(of resource: ResourceID?, page: Page) throws(StoreError) -> [StoredVerdict] {
        try blocks.verdicts(of: resource, page: page)
    }

    /// The block that holds a transaction; the newest ones are searched first.
    public func height(ofTransaction id: Digest) throws(StoreError) -> Height? {
        try database.prepare("SELECT height FROM receipt WHERE tx = ? ORDER BY height DESC LIMIT 1")
            .first(.blob(id.raw.bytes)) { Height($0.bits(0)) }
    }
}

extension ChainReader: StateReader {
    /// Questions are answered from entries; the tree is the node's.
    public var tree: CommittedTree { CommittedTree() }

    public func bucket(at place: TreePath) throws(StateError) -> TreeBucket { TreeBucket() }

    public func value(for key: StateKey) throws(StateError) -> [UInt8]? {
        if let changed = pending[key] { return changed }
        do {
            if let found = try stored(key) { return found }
            try requireWhole()
            return nil
        } catch {
            throw StateError(error, reading: key)
        }
    }

    private func stored(_ key: StateKey) throws(StoreError) -> [UInt8]? {
        let path = StateTree(Blake2b()).path(of: key).raw.bytes
        return try entry.first(.blob(path)) { row throws(StoreError) in
            let (found, value) = (row.blob(0), row.blob(1))
            guard found == key.bytes, check.short(path + found, value) == .integer(row.integer(2)) else {
                throw .damaged(row: "state \(key)")
            }
            return value
        }
    }

    /// The entries of one table, or of all, in the order of keys. A damaged one is named, never given out.
    public func entries(of table: StateTable?) throws(StoreError) -> [StateChange] {
        try requireWhole()
        let (first, end) = (table?.rawValue ?? 0, table.map { $0.rawValue + 1 } ?? .max)
        var found: [StateChange] = []
        try entries.forEach(.blob([first]), .blob([end])) { row throws(StoreError) in
            let (path, key, value) = (row.blob(0), StateKey(bytes: row.blob(1)), row.blob(2))
            guard check.short(path + key.bytes, value) == .integer(row.integer(3)) else {
                throw .damaged(row: "state \(key)")
            }
            if pending[key] == nil { found.append(StateChange(key: key, value: value)) }
        }
        for (key, value) in pending where value != nil && (table == nil || key.table == table) {
            found.append(StateChange(key: key, value: value))
        }
        found.sort { $0.key < $1.key }
        for (entry, next) in zip(found, found.dropFirst()) where entry.key == next.key {
            throw .damaged(row: "state \(entry.key)")
        }
        return found
    }
}

extension ChainReader {
    private struct StoredEntry {
        let path: Digest
        let key: StateKey
        let value: [UInt8]
    }

    private func entry(of row: borrowing Statement) throws(StoreError) -> StoredEntry {
        let (path, key, value) = (row.blob(0), StateKey(bytes: row.blob(1)), row.blob(2))
        guard check.short(path + key.bytes, value) == .integer(row.integer(3)),
            let place = Bytes32(path).map(Digest.init)
        else { throw .damaged(row: "state \(key)") }
        return StoredEntry(path: place, key: key, value: value)
    }

    /// Every entry of the state in the order of paths, what is pending in its newest form.
    func forEachEntry(_ body: (StateKey, [UInt8]) throws(StoreError) -> Void) throws(StoreError) {
        let tree = StateTree(Blake2b())
        var waiting = pending.map { (path: tree.path(of: $0.key), key: $0.key, value: $0.value) }
            .sorted { $0.path < $1.path }[...]
        let rows = try database.prepare(#"SELECT path, key, value, "check" FROM state ORDER BY path"#)
        try rows.forEach { row throws(StoreError) in
            let found = try entry(of: row)
            while let next = waiting.first, next.path < found.path {
                waiting.removeFirst()
                if let value = next.value { try body(next.key, value) }
            }
            // What is pending for the same key stands for it.
            if waiting.first?.path != found.path { try body(found.key, found.value) }
        }
        for next in waiting { if let value = next.value { try body(next.key, value) } }
    }
}

extension ChainReader {
    /// That an entry is not there can be believed only if all others are: the root of everything here must be that of the
    /// newest block. Worked out once, when something is not found.
    func requireWhole() throws(StoreError) {
        guard !isWhole else { return }
        guard try root() == head.root else { throw .damaged(row: "state at height \(head.height)") }
        isWhole = true
    }

    private func root() throws(StoreError) -> Digest {
        let tree = StateTree(Blake2b())
        var waiting = pending.map { (path: tree.path(of: $0.key), value: $0.value) }.sorted { $0.path < $1.path }[...]
        let rows = try database.prepare(#"SELECT path, key, value, "check" FROM state ORDER BY path"#)
        return try rows.walk { rows throws(StoreError) in
            var (ahead, mayHaveMore): (StoredEntry?, Bool) = (nil, true)
            let built: CommittedTree = try tree.build(room: 0) { () throws(StoreError) in
                while true {
                    if ahead == nil, mayHaveMore {
                        // Behind the last row SQLite would begin again.
                        mayHaveMore = try rows.next()
                        if mayHaveMore { ahead = try entry(of: rows) }
                    }
                    if let next = waiting.first, ahead.map({ next.path <= $0.path }) ?? true {
                        waiting.removeFirst()
                        if next.path == ahead?.path { ahead = nil }
                        guard let value = next.value else { continue }
                        return TreeEntry(leaf: tree.leaf(at: next.path, value), value: value)
                    }
                    defer { ahead = nil }
                    return ahead.map { TreeEntry(leaf: tree.leaf(at: $0.path, $0.value), value: $0.value) }
                }
            }
            return built.hash
        }
    }
}
