import CairnBase

/// How much of the past a node keeps besides the state, which is always whole.
public struct Retention: Sendable, Equatable {
    /// Receipts and the rows of verdicts go when they are so many blocks old; nil keeps them.
    public var receipts: UInt64?
    /// Blocks go when they are so many blocks old; nil keeps them.
    public var blocks: UInt64?
    /// Heights that this number divides stay: the last block of an epoch carries what leads others into the next.
    public var epochBlocks: UInt64

    public init(receipts: UInt64? = nil, blocks: UInt64? = nil, epochBlocks: UInt64 = 1) {
        self.receipts = receipts
        self.blocks = blocks
        self.epochBlocks = max(1, epochBlocks)
    }

    public static let archive = Retention()
}

/// Takes away what is too old, a few heights with every block, in the block's own transaction.
struct Pruning {
    private static let heightsAtOnce: UInt64 = 64

    private let database: Database
    private let retention: Retention
    /// The first heights of which something may be left.
    private var receipts: UInt64
    private var blocks: UInt64
    private var past: Past

    init(_ retention: Retention, in database: Database) throws(StoreError) {
        self.database = database
        self.retention = retention
        past = try database.readPast()
        receipts = UInt64(max(0, try database.integer("SELECT coalesce(min(height), 0) FROM receipt")))
        let isPassing = "height > 0 AND height % \(retention.epochBlocks) <> 0"
        blocks = UInt64(max(1, try database.integer("SELECT coalesce(min(height), 1) FROM block WHERE \(isPassing)")))
    }

    /// What goes with the block at a height; the caller keeps the value only if the transaction succeeds.
    func after(_ height: Height) throws(StoreError) -> Pruning {
        var next = self
        if let end = end(retention.receipts, next.receipts, height) {
            for table in ["receipt", "verdict"] {
                try database.prepare("DELETE FROM \(table) WHERE height >= ? AND height < ?")
                    .run(.bits(next.receipts), .bits(end))
            }
            next.receipts = end
        }
        if let end = end(retention.blocks, next.blocks, height) {
            try database.prepare("DELETE FROM block WHERE height >= ? AND height < ? AND height % ? <> 0")
                .run(.bits(next.blocks), .bits(end), .bits(retention.epochBlocks))
            next.blocks = end
            next.past.prune(before: end, epochBlocks: retention.epochBlocks)
            try database.write(next.past)
        }
        return next
    }

    /// Up to where to go now; nil when there is nothing to do.
    private func end(_ kept: UInt64?, _ start: UInt64, _ height: Height) -> UInt64? {
        guard let kept, height.number > kept else { return nil }
        let end = min(height.number - kept, start + Self.heightsAtOnce)
        return end > start ? end : nil
    }
}
