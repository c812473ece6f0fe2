import CairnBase
import CairnLedger
import CairnWire

extension StateRows {
    /// Writes what a block changed, inside the block's transaction.
    func write(_ changes: [StateChange], at height: Height, _ way: Way) throws(StoreError) {
        if way == .atOnce {
            let placed = changes.map { (path: hash.path(of: $0.key), change: $0) }
            for (path, change) in placed.sorted(by: { $0.path < $1.path }) { try write(change, at: path) }
            return
        }
        let bytes = PendingChanges.encode(changes)
        try statements.insertPending.run(
            .bits(height.number), .blob(bytes), .blob(check.pending(bytes, at: height.number)))
        if way == .withAllPending { try writePending() }
    }

    /// Brings the table up to the newest block, in its order. Of each entry only the last of its changes is written.
    func writePending() throws(StoreError) {
        var blocks: [(height: UInt64, changes: [UInt8])] = []
        try eachPending { height, changes throws(StoreError) in blocks.append((height, changes)) }
        let places = try places(of: blocks)
        func change(_ place: PendingPlace) throws(StoreError) -> StateChange {
            let block = blocks[Int(place.block)]
            return try decoding(block.height) { () throws(DecodeError) in
                try PendingChanges.change(in: block.changes, at: Int(place.offset))
            }
        }
        var start = 0
        while start < places.count {
            var end = start + 1
            while end < places.count, places[end].beginning == places[start].beginning { end += 1 }
            // Nearly always one entry, and the changes of it in the order of their blocks.
            var newest = OrderedMap<Digest, StateChange>()
            for place in places[start..<end] {
                let change = try change(place)
                newest[hash.path(of: change.key)] = change
            }
            for (path, change) in newest { try write(change, at: path) }
            start = end
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
                try PendingChanges.forEach(block.changes) { key, offset in
                    places.append(
                        PendingPlace(
                            beginning: hash.path(of: key).raw.high64, block: UInt32(truncatingIfNeeded: index),
                            offset: UInt32(truncatingIfNeeded: offset)))
                }
            }
        }
        places.sort { ($0.beginning, $0.block) < ($1.beginning, $1.block) }
        return places
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
