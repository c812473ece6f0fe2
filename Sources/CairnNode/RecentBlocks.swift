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
        let ids: [Digest]

        var height: Height { block.header.height }
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

    /// The ids of all transactions in `block`, which has this height, and in the blocks below it down to the executed
    /// one; nil when one of them is not held.
    func pending(through block: Digest, at height: Height, above executed: Height) -> OrderedSet<Digest>? {
        var ids = OrderedSet<Digest>()
        var (cursor, height) = (block, height)
        while height > executed {
            guard let entry = entries[cursor], entry.height == height else { return nil }
            for id in entry.ids { ids.insert(id) }
            (cursor, height) = (entry.block.header.parent, height.preceding())
        }
        return ids
    }

    mutating func removeAll(upTo height: Height) {
        for block in entries.filter({ $0.value.height <= height }).map(\.key) { entries.removeValue(forKey: block) }
    }
}
