import CairnBase
import CairnConsensus
import CairnLedger
import CairnWire

/// Blocks that were proposed but not yet executed, with their checked transactions.
///
/// They spare the second signature check at execution, tell a leader which transactions are already on the way below the
/// block it builds on, and serve peers who missed a proposal. Bounded: a flood of proposals pushes out the lowest, which
/// costs time, not safety.
struct RecentBlocks: Sendable {
    struct Entry: Sendable {
        let block: Block
        let transactions: [Verified<Transaction>]
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

    /// The ids of all transactions in `block` and the unexecuted blocks below it.
    func pending(through block: Digest) -> OrderedSet<Digest> {
        var ids = OrderedSet<Digest>()
        var cursor = block
        for _ in 0..<Self.capacity {
            guard let entry = entries[cursor] else { break }
            for id in entry.ids { ids.insert(id) }
            cursor = entry.block.header.parent
        }
        return ids
    }

    mutating func removeAll(upTo height: Height) {
        for block in entries.filter({ $0.value.height <= height }).map(\.key) { entries.removeValue(forKey: block) }
    }
}
