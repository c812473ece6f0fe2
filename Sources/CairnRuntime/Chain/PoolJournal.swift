internal import CairnBase
internal import CairnCrypto
internal import CairnLedger
internal import CairnWire
internal import Glibc

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
    private static let checkLength = 8

    private let path: String
    private var file: FileDescriptor
    /// What waits, in the order in which it was handed in.
    private(set) var entries: [Entry] = []
    private var byteCount = 0

    /// Reads what is there. A record that was cut short was never answered, so the file ends before it.
    init(directory: String) throws(SystemError) {
        path = directory + "/pool.journal"
        do throws(SystemError) {
            entries = Self.records(in: try SmallFile.read(path, limit: 2 * Self.byteLimit))
        } catch {
            guard error.isNotFound else { throw error }
        }
        try SmallFile.replace(path, with: entries.flatMap { Self.record($0.bytes) })
        file = try Self.opened(path)
        byteCount = entries.reduce(0) { $0 + Self.size($1) }
    }

    /// False when too much waits already.
    func append(_ transaction: Transaction) throws(SystemError) -> Bool {
        let entry = Entry(transaction: transaction, bytes: transaction.encoded)
        guard byteCount + Self.size(entry) <= Self.byteLimit else { return false }
        try SmallFile.write(Self.record(entry.bytes), to: file)
        entries.append(entry)
        byteCount += Self.size(entry)
        return true
    }

    /// Forgets what a block at `height` has settled or that can be in no later one; `nonce` is what an account needs next.
    func settle(at height: Height, nonce: (AccountID) throws(StateError) -> UInt64) throws(StateError) {
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
        try SmallFile.replace(path, with: entries.flatMap { Self.record($0.bytes) })
        file = try Self.opened(path)
        byteCount = needed
    }

    private static func opened(_ path: String) throws(SystemError) -> FileDescriptor {
        let result = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
        guard result >= 0 else { throw lastError("open") }
        return FileDescriptor(result)
    }

    private static func size(_ entry: Entry) -> Int { 4 + checkLength + entry.bytes.count }

    private static func record(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: bytes.count + 12)
        writer.u64(check(bytes))
        writer.bytes(bytes)
        return writer.bytes
    }

    private static func records(in file: [UInt8]) -> [Entry] {
        var entries: [Entry] = []
        var reader = ByteReader(file.span.bytes)
        while let check = try? reader.u64(), let bytes = try? reader.bytes(limit: Limits.Ledger().transaction),
            check == Self.check(bytes),
            let transaction = try? Transaction.decode(bytes, limit: Limits.Ledger().transaction)
        {
            entries.append(Entry(transaction: transaction, bytes: bytes))
        }
        return entries
    }

    private static func check(_ bytes: [UInt8]) -> UInt64 {
        Blake2b().digest(DomainTag("cn/journal"), bytes).raw.low64
    }
}
