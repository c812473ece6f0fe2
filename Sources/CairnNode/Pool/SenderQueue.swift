import CairnBase
import CairnLedger
import CairnWire

/// One account's waiting transactions, by nonce.
struct SenderQueue: Sendable {
    /// What the account needs next; nothing below it is kept.
    private(set) var nonce: UInt64
    private var entries = OrderedMap<UInt64, TransactionPool.Entry>()

    init(nonce: UInt64) {
        self.nonce = nonce
    }

    var count: Int { entries.count }
    var all: [TransactionPool.Entry] { entries.map(\.value) }
    var last: TransactionPool.Entry? { entries.last?.value }

    subscript(nonce: UInt64) -> TransactionPool.Entry? { entries[nonce] }

    mutating func insert(_ entry: TransactionPool.Entry) {
        entries[entry.transaction.value.nonce] = entry
    }

    /// What all of them pay together, but for the one with this nonce; nil when nobody can own so much.
    func fees(except nonce: UInt64) -> Amount? {
        var sum: Amount? = .zero
        for (other, entry) in entries where other != nonce { sum = sum?.adding(entry.rank.fee) }
        return sum
    }

    /// Whether the same is asked for under another nonce.
    func says(_ action: Action, beside nonce: UInt64) -> Bool {
        entries.contains { $0.key != nonce && $0.value.transaction.value.action == action }
    }

    mutating func removeLast() -> TransactionPool.Entry? { entries.popLast()?.value }

    mutating func remove(_ nonce: UInt64) -> TransactionPool.Entry? { entries.removeValue(forKey: nonce) }

    /// Moves on to `nonce` and gives up what is below it. An account's nonce never goes back.
    mutating func advance(to nonce: UInt64) -> [TransactionPool.Entry] {
        self.nonce = max(self.nonce, nonce)
        var passed: [TransactionPool.Entry] = []
        while let first = entries.first, first.key < self.nonce, let entry = entries.popFirst() {
            passed.append(entry.value)
        }
        return passed
    }

    /// Gives up what can no longer be in a block after `head`.
    mutating func removeExpired(at head: Height) -> [TransactionPool.Entry] {
        let expired = entries.filter { $0.value.transaction.value.expiry <= head }.map(\.value)
        for entry in expired { entries.removeValue(forKey: entry.transaction.value.nonce) }
        return expired
    }
}
