internal import CairnBase
internal import CairnLedger
internal import CairnWire

/// The transactions that this node was handed and has said yes to, on disk until a block has settled them.
///
/// A record is written before the answer is given, and not synced: what was accepted survives the end of the process, what
/// was committed survives that of the machine. Transactions of peers are not kept; whoever took them from their maker
/// keeps them. The file belongs to the store's thread.
final class PoolJournal {
    struct Entry {
        let transaction: Transaction
        let bytes: [UInt8]
    }

    static let byteLimit = 4 << 20

    private var file: RecordFile
    /// What waits, in the order in which it was handed in.
    private(set) var entries: [Entry]
    private var byteCount: Int

    /// Reads what is there. A record that was cut short was never answered.
    init(directory: String) throws(SystemError) {
        let limit = Limits.Ledger().transaction
        var found: [Entry] = []
        file = try RecordFile(
            directory + "/pool.journal", DomainTag("cn/journal"), sizeLimit: 2 * Self.byteLimit, recordLimit: limit
        ) { bytes in
            guard let transaction = try? Transaction.decode(bytes, limit: limit) else { return false }
            found.append(Entry(transaction: transaction, bytes: bytes))
            return true
        }
        entries = found
        byteCount = found.reduce(0) { $0 + Self.size($1) }
    }

    /// False when too much waits already.
    func append(_ transaction: Transaction) throws(SystemError) -> Bool {
        let entry = Entry(transaction: transaction, bytes: transaction.encoded)
        guard byteCount + Self.size(entry) <= Self.byteLimit else { return false }
        try file.append(entry.bytes)
        entries.append(entry)
        byteCount += Self.size(entry)
        return true
    }

    /// Forgets what a block at `height` has settled or that can be in no later one; `nonce` is what an account needs next.
    func settle<Failure>(
        at height: Height, nonce: (AccountID) throws(Failure) -> UInt64
    ) throws(Failure) {
        guard !entries.isEmpty else { return }
        var kept: [Entry] = []
        for entry in entries {
            let isOver = entry.transaction.expiry <= height
            if !isOver, try entry.transaction.nonce >= nonce(entry.transaction.sender) { kept.append(entry) }
        }
        entries = kept
    }

    /// Writes the file anew when most of it is settled.
    func compact() throws(SystemError) {
        let needed = entries.reduce(0) { $0 + Self.size($1) }
        guard byteCount > Self.byteLimit / 4, needed < byteCount / 2 else { return }
        try file.replace(with: entries.map(\.bytes))
        byteCount = needed
    }

    private static func size(_ entry: Entry) -> Int { RecordFile.overhead + entry.bytes.count }
}
