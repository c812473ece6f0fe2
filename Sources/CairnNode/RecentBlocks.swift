import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire

/// Blocks that were proposed but not yet executed, with their transactions.
///
/// They spare the second signature check at execution, tell a leader which transactions are already on the way below the
/// block it builds on, and serve peers who missed a proposal. Bounded: a flood of proposals pushes out the lowest, which
/// costs time, not safety.
struct RecentBlocks: Sendable {
    struct Entry: Sendable {
        let block: Block
        /// With checked signatures; nil while nobody has checked them here.
        let transactions: [Verified<Transaction>]?
        let orders: Orders

        var height: Height { block.header.height }
    }

    /// What a block, or several, put into order.
    struct Orders: Sendable {
        var transactions: OrderedSet<Digest> = []
        var verdicts: OrderedSet<VerdictPlace> = []
    }

    static let capacity = 64

    private var entries = OrderedMap<Digest, Entry>()

    subscript(block: Digest) -> Entry? { entries[block] }

    mutating func insert(_ entry: Entry, for block: Digest) {
        entries[block] = entry
        guard entries.count > Self.capacity, let lowest = entries.min(by: { $0.value.height < $1.value.height })
        else { return }
        entries.removeValue(forKey: lowest.key)
    }

    /// What is ordered by `block`, which has this height, and by the blocks below it down to the executed one; nil when
    /// one of them is not held.
    func pending(through block: Digest, at height: Height, above executed: Height) -> Orders? {
        var orders = Orders()
        var (cursor, height) = (block, height)
        while height > executed {
            guard let entry = entries[cursor], entry.height == height else { return nil }
            for id in entry.orders.transactions { orders.transactions.insert(id) }
            for place in entry.orders.verdicts { orders.verdicts.insert(place) }
            (cursor, height) = (entry.block.header.parent, height.preceding())
        }
        return orders
    }

    mutating func removeAll(upTo height: Height) {
        for block in entries.filter({ $0.value.height <= height }).map(\.key) { entries.removeValue(forKey: block) }
    }
}
