import CairnBase
import CairnLedger
import CairnWire

extension StateRows {
    /// Writes what a block changed, inside the block's transaction.
    func write(_ changes: [StateChange], at height: Height, _ way: Way) throws(StoreError) {
        if way == .atOnce { return try writePlaced(changes) }
        let bytes = PendingChanges.encode(changes)
        try statements.insertPending.run(
            .bits(height.number), .blob(bytes), .blob(check.pending(bytes, at: height.number)))
        if way == .withAllPending { try writePending() }
    }

    /// Brings the table up to the newest block, in its order. Of each entry only the last of its changes is written.
    func writePending() throws(StoreError) {
        var blocks: [(height: UInt64, changes: [UInt8])] = []
        try eachPending { height, changes throws(StoreError) in blocks.append((height, changes)) }
        var places = try places(of: blocks)[...]
        while !places.isEmpty {
            // Some hundreds at once, and all that may be about one entry: the changes of it are in the order of blocks.
            var portion = places.prefix(Self.portion)
            portion = places.prefix { $0.beginning <= portion[portion.endIndex - 1].beginning }
            places = places.dropFirst(portion.count)
            try writePlaced(
                try portion.map { place throws(StoreError) in
                    let block = blocks[Int(place.block)]
                    return try decoding(block.height) { () throws(DecodeError) in
                        try PendingChanges.change(in: block.changes, at: Int(place.offset))
                    }
                })
        }
        try statements.clearPending.run()
    }

    /// Where a change waits, by as much of its path as tells nearly all apart: there are many.
    private struct PendingPlace {
        let beginning: UInt64
        let block: UInt32
        let offset: UInt32
    }

    /// In the order of paths, and of blocks where they are alike.
    private func places(of blocks: [(height: UInt64, changes: [UInt8])]) throws(StoreError) -> [PendingPlace] {
        var places: [PendingPlace] = []
        for (index, block) in blocks.enumerated() {
            try decoding(block.height) { () throws(DecodeError) in
                var keys: [StateKey] = []
                var offsets: [Int] = []
                try PendingChanges.forEach(block.changes) { key, offset in
                    keys.append(key)
                    offsets.append(offset)
                }
                for (path, offset) in zip(hash.paths(of: keys), offsets) {
                    places.append(
                        PendingPlace(
                            beginning: path.raw.high64, block: UInt32(truncatingIfNeeded: index),
                            offset: UInt32(truncatingIfNeeded: offset)))
                }
            }
        }
        places.sort { ($0.beginning, $0.block) < ($1.beginning, $1.block) }
        return places
    }

    /// Writes changes in the order of their paths; of several of one entry the last.
    private func writePlaced(_ changes: [StateChange]) throws(StoreError) {
        let paths = hash.paths(of: changes.map(\.key))
        let order = changes.indices.sorted { (paths[$0], $0) < (paths[$1], $1) }
        var last = order.indices.filter { $0 + 1 == order.count || paths[order[$0]] != paths[order[$0 + 1]] }[...]
        while !last.isEmpty {
            let rows = last.prefix(Self.portion).map { (path: paths[order[$0]].raw.bytes, change: changes[order[$0]]) }
            last = last.dropFirst(rows.count)
            try write(rows)
        }
    }

    private func write(_ rows: [(path: [UInt8], change: StateChange)]) throws(StoreError) {
        var checks = check.shorts(
            rows.compactMap { row in row.change.value.map { row.path + row.change.key.bytes + $0 } })[...]
        for (path, change) in rows {
            if let value = change.value {
                try statements.put.run(.blob(path), .blob(change.key.bytes), .blob(value), checks.removeFirst())
            } else {
                try statements.remove.run(.blob(path))
            }
        }
    }

    /// What each block left pending, in order. They follow each other up to the newest block: one that is gone is named, and
    /// what came before counts for nothing then.
    func eachPending(_ body: (UInt64, [UInt8]) throws(StoreError) -> Void) throws(StoreError) {
        var last: UInt64?
        var missing: UInt64?
        try statements.pending.forEach { row throws(StoreError) in
            let (height, bytes) = (row.bits(0), row.blob(1))
            guard check.pending(bytes, at: height) == row.blob(2) else {
                throw .damaged(row: "pending changes of block \(height)")
            }
            if let last, last + 1 != height, missing == nil { missing = last + 1 }
            last = height
            try body(height, bytes)
        }
        if let missing { throw .damaged(row: "pending changes of block \(missing) are missing") }
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
