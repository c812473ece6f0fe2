import CairnBase
import CairnLedger

/// What the store handed to SQLite block by block, in numbers, so that SQLite can be given as much alone.
struct WrittenRows {
    struct BlockShape {
        let height: UInt64
        let payload: Int
        /// The bytes left pending.
        let pending: Int
        let receipts: Int
        /// The entries brought into the table.
        let settled: Int
    }

    private(set) var shapes: [BlockShape] = []
    /// Of the keys that were not written yet 64 bits each, which tell them apart: the numbers are wanted, and room and time
    /// are the store's.
    private var unwritten: [UInt64] = []

    /// The store writes entries when a number of changes waits.
    mutating func add(_ outcome: BlockOutcome, _ payload: Int, at height: Height) {
        for change in outcome.changes {
            unwritten.append(change.key.bytes.reduce(0) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 })
        }
        let isDue = unwritten.count >= Limits.Store().pendingChanges
        let pending = outcome.changes.reduce(0) { $0 + $1.key.bytes.count + ($1.value?.count ?? 0) + 9 }
        shapes.append(
            BlockShape(
                height: height.number, payload: payload, pending: pending, receipts: outcome.receipts.count,
                settled: isDue ? Set(unwritten).count : 0))
        if isDue { unwritten = [] }
    }

    /// Appends as many bytes to a table; the seconds that takes.
    func append(to table: RawTable) throws -> Double {
        try shapes.reduce(0) { total, shape in
            let rows = [shape.payload, shape.pending] + [Int](repeating: 36, count: shape.receipts)
            let bytes = rows.map { [UInt8](repeating: 3, count: $0) }
            let entry = [UInt8](repeating: 3, count: 100)
            return try total + seconds { try table.insert(bytes, copies: shape.settled, of: entry) }
        }
    }
}
