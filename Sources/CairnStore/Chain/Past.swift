import CairnBase
import CairnWire

/// Which blocks a database must have, so that one that is gone is not taken for one that was never here or was pruned.
struct Past: Equatable {
    /// From this height on every block is here; genesis always is.
    var blocks: UInt64
    /// Before it, those whose height `epochBlocks` divides, from this height on. Zero divides none.
    var epochEnds: UInt64
    var epochBlocks: UInt64

    func expects(_ height: Height) -> Bool {
        let number = height.number
        return number == 0 || number >= blocks
            || (epochBlocks > 0 && number >= epochEnds && number.isMultiple(of: epochBlocks))
    }

    /// The first of these heights that is expected, from a height on; above any chain where there is none.
    func next(from number: UInt64) -> UInt64 {
        if number == 0 || number >= blocks { return number }
        guard epochBlocks > 0 else { return blocks }
        let first = max(number, epochEnds)
        let end = (first / epochBlocks + (first.isMultiple(of: epochBlocks) ? 0 : 1))
            .multipliedReportingOverflow(by: epochBlocks)
        return end.overflow ? blocks : min(end.partialValue, blocks)
    }

    /// All blocks before a height go, but for the ends of epochs.
    mutating func prune(before end: UInt64, epochBlocks: UInt64) {
        if self.epochBlocks != epochBlocks { (self.epochBlocks, epochEnds) = (epochBlocks, blocks) }
        blocks = max(blocks, end)
    }

    fileprivate var checkedBytes: [UInt8] {
        var writer = ByteWriter(capacity: 24)
        for number in [blocks, epochEnds, epochBlocks] { writer.u64(number) }
        return writer.bytes
    }
}

extension Database {
    func readPast() throws(StoreError) -> Past {
        let check = RowCheck()
        let found = try prepare(#"SELECT blocks, epoch_ends, epoch_blocks, "check" FROM past"#)
            .first { row throws(StoreError) in
                let past = Past(blocks: row.bits(0), epochEnds: row.bits(1), epochBlocks: row.bits(2))
                guard check.full(past.checkedBytes) == row.blob(3) else { throw .damaged(row: "past") }
                return past
            }
        guard let found else { throw .damaged(row: "past is missing") }
        return found
    }

    /// Inside a transaction: puts this in the place of what was said before.
    func write(_ past: Past) throws(StoreError) {
        try execute("DELETE FROM past")
        try prepare("INSERT INTO past VALUES (?, ?, ?, ?)").run(
            .bits(past.blocks), .bits(past.epochEnds), .bits(past.epochBlocks),
            .blob(RowCheck().full(past.checkedBytes)))
    }

    /// What an earlier version did not write down: the blocks below the newest that follow each other without a gap.
    func writePastFromBlocks() throws(StoreError) {
        let first = try integer(
            """
            SELECT coalesce(max(height), 1) FROM block
            WHERE height > 0 AND NOT EXISTS (SELECT 1 FROM block AS below WHERE below.height = block.height - 1)
            """)
        let blocks = UInt64(max(1, first))
        try write(Past(blocks: blocks, epochEnds: blocks, epochBlocks: 0))
    }
}

extension BlockRows {
    /// A block with the state root after it; nil only where it is not to be expected in a chain that goes up to a height.
    func expected(
        at height: Height, through head: Height?, in database: Database
    ) throws(StoreError) -> (block: StoredBlock, root: Digest)? {
        if let found = try rooted(at: height) { return found }
        guard let head, height <= head, try database.readPast().expects(height) else { return nil }
        throw .damaged(row: "block \(height) is missing")
    }
}
