import CairnBase

/// What blocks amount to: a line of the log for a hundred of them, and the views that ended without one.
struct BlockTally {
    /// A line for each block would leave no room for anything else in what the node remembers of its log.
    private static let perLine = 100

    private var stretch = (blocks: 0, transactions: 0)
    private var last: (epoch: Epoch, view: View)?
    private(set) var blocks: UInt64 = 0
    private(set) var transactions: UInt64 = 0
    /// Views that passed without a block, between those that were executed here.
    private(set) var skippedViews: UInt64 = 0

    /// Of the last hundred blocks, when they are full.
    mutating func add(_ block: BlockSummary) -> (blocks: Int, transactions: Int)? {
        if let last, last.epoch == block.epoch, block.view.number > last.view.number {
            skippedViews += block.view.number - last.view.number - 1
        }
        last = (block.epoch, block.view)
        blocks += 1
        transactions += UInt64(clamping: block.transactionCount)
        stretch.blocks += 1
        stretch.transactions += block.transactionCount
        guard stretch.blocks >= Self.perLine else { return nil }
        defer { stretch = (0, 0) }
        return stretch
    }
}
