import CairnBase
import CairnLedger
import CairnWire

extension StateRows {
    /// Writes what a block changed, inside the block's transaction; says whether nothing is pending afterwards.
    func write(_ changes: [StateChange], at height: Height) throws(StoreError) -> Bool {
        let isQuiet = changes.count <= limits.changesAtOnce
        if pendingBlocks == 0, isQuiet || tree.count == 0 {
            let placed = changes.map { (path: hash.path(of: $0.key), change: $0) }
            for (path, change) in placed.sorted(by: { $0.path < $1.path }) { try write(change, at: path) }
            return true
        }
        let bytes = PendingChanges.encode(changes)
        try statements.insertPending.run(
            .bits(height.number), .blob(bytes), .blob(check.pending(bytes, at: height.number)))
        guard isQuiet || isFull(after: changes.count) else { return false }
        try writePending()
        return true
    }

    /// Takes over the tree of a block that is durable now.
    func adopt(_ outcome: BlockOutcome, nothingIsPending: Bool) {
        tree.take(outcome.tree)
        pendingBlocks = nothingIsPending ? 0 : pendingBlocks + 1
        pendingChanges = nothingIsPending ? 0 : pendingChanges + outcome.changes.count
        makeRoom()
    }

    /// Writes all that is pending, in a transaction of its own.
    func settle() throws(StoreError) {
        guard pendingBlocks > 0 else { return }
        try database.transaction { () throws(StoreError) in try writePending() }
        pendingBlocks = 0
        pendingChanges = 0
        makeRoom()
    }

    private func isFull(after count: Int) -> Bool {
        pendingBlocks + 1 >= limits.pendingBlocks || pendingChanges + count >= limits.pendingChanges || isCrowded
    }

    /// Brings the table up to the newest block. Of each entry only the last of its changes is written.
    private func writePending() throws(StoreError) {
        var blocks: [(height: UInt64, changes: [UInt8])] = []
        try eachPending { height, changes throws(StoreError) in blocks.append((height, changes)) }
        var places: [(path: Digest, block: Int, offset: Int)] = []
        for (index, block) in blocks.enumerated() {
            try decoding(block.height) { () throws(DecodeError) in
                try PendingChanges.forEach(block.changes) { key, offset in
                    places.append((hash.path(of: key), index, offset))
                }
            }
        }
        places.sort { $0.path == $1.path ? $0.block < $1.block : $0.path < $1.path }
        for index in places.indices where index + 1 == places.count || places[index].path != places[index + 1].path {
            let (path, block, offset) = places[index]
            let change = try decoding(blocks[block].height) { () throws(DecodeError) in
                try PendingChanges.change(in: blocks[block].changes, at: offset)
            }
            try write(change, at: path)
        }
        try statements.clearPending.run()
    }

    private func write(_ change: StateChange, at path: Digest) throws(StoreError) {
        let path = path.raw.bytes
        guard let value = change.value else { return try statements.remove.run(.blob(path)) }
        let key = change.key.bytes
        try statements.put.run(.blob(path), .blob(key), .blob(value), check.short(path + key, value))
    }

    func eachPending(_ body: (UInt64, [UInt8]) throws(StoreError) -> Void) throws(StoreError) {
        try statements.pending.forEach { row throws(StoreError) in
            let (height, bytes) = (row.bits(0), row.blob(1))
            guard check.pending(bytes, at: height) == row.blob(2) else {
                throw .damaged(row: "pending changes of block \(height)")
            }
            try body(height, bytes)
        }
    }

    func decoding<Result>(
        _ height: UInt64, _ body: () throws(DecodeError) -> Result
    ) throws(StoreError) -> Result {
        do {
            return try body()
        } catch {
            throw .damaged(row: "pending changes of block \(height): \(error)")
        }
    }
}
