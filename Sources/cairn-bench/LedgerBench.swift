import CBaseline
import CSQLite
import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Glibc

/// Blocks of a thousand transfers, applied, given a root and made durable, over a small and a large state; beside them
/// SQLite inserting the same bytes and nothing else, and the signatures alone.
func ledgerBench() -> [Figure] {
    do {
        var small = try LedgerRun(entries: 10_000)
        var large = try LedgerRun(entries: 1_000_000)
        return figures(small: try small.measured(), large: try large.measured())
    } catch {
        fatalError("the ledger benchmark could not run: \(error)")
    }
}

private func figures(small: LedgerTimes, large: LedgerTimes) -> [Figure] {
    let count = Double(LedgerRun.transfers)
    return [
        Figure(
            bench: "ledger", name: "transfers durable, 10^6", value: count / large.block, unit: "per s",
            limit: count / large.raw, limitName: "SQLite, same bytes", ratio: large.raw / large.block, better: .higher,
            target: 0.5),
        Figure(
            bench: "ledger", name: "apply per transfer, 10^6", value: large.apply / count * 1e6, unit: "us", limit: 25,
            limitName: "bound", ratio: large.apply / count * 1e6 / 25, better: .lower, target: 1),
        Figure(
            bench: "ledger", name: "block over 10^6 entries", value: large.block * 1e3, unit: "ms",
            limit: small.block * 1e3, limitName: "over 10^4 entries", ratio: large.block / small.block, better: .lower,
            target: 1.5),
        Figure(
            bench: "ledger", name: "verify 1000 transfers", value: large.verify * 1e3, unit: "ms",
            limit: large.block * 1e3, limitName: "apply and store them", ratio: large.verify / large.block,
            better: .higher, target: 0),
        Figure(
            bench: "ledger", name: "longest of 500 proofs, 10^6", value: Double(large.proof), unit: "bytes",
            limit: 2048,
            limitName: "bound", ratio: Double(large.proof) / 2048, better: .lower, target: 1),
        Figure(
            bench: "ledger", name: "resident memory", value: large.memory, unit: "MiB", limit: 200, limitName: "bound",
            ratio: large.memory / 200, better: .lower, target: 1),
    ]
}

/// Medians over the blocks of a run, in seconds.
private struct LedgerTimes {
    let verify: Double
    let apply: Double
    /// Applied and stored.
    let block: Double
    let raw: Double
    let proof: Int
    let memory: Double
}

/// One chain in a directory of its own, filled with accounts before the clock starts.
private struct LedgerRun {
    static let transfers = 1000
    private static let blocks = 9
    private static let senders = 200
    private static let batch = 25_000

    private let entries: Int
    private let directory: String
    private let ledger: Ledger<Blake2b>
    private let store: ChainStore
    private let raw: RawTable
    private let parameters = Parameters(.testnet)
    private var random = SeededRandom(seed: 1)

    init(entries: Int) throws {
        self.entries = entries
        var template = Array("/tmp/cairn-bench-XXXXXX".utf8CString)
        // SAFETY: the template is ours, writable, and ends with a zero.
        guard unsafe mkdtemp(&template) != nil else {
            throw StoreError.file(operation: "mkdtemp", path: "/tmp", errno: errno)
        }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let id = PublicKey(Self.account(0).raw)
        let genesis = try Genesis(
            network: "bench", symbol: "CRN", time: 0, parameters: parameters, accounts: [],
            validators: [
                Genesis.FoundingValidator(
                    account: Self.account(0),
                    keys: ValidatorKeys(node: NodeID(id), vote: id, randomness: VRFPublicKey(id.raw)),
                    bond: Amount(units: 200 * Amount.one.units))
            ])
        ledger = Ledger(chain: genesis.chain(using: Blake2b()), hash: Blake2b())
        store = try ChainStore(directory: directory)
        raw = try RawTable(directory + "/raw.db")
        try store.begin(
            chain: ledger.chain, genesis: genesis.encoded, time: 0, try ledger.begin(genesis))
    }

    private static func account(_ number: Int) -> AccountID {
        var writer = ByteWriter()
        writer.u64(UInt64(number))
        return AccountID(Blake2b().digest(DomainTag("cn/bench"), writer.bytes).raw)
    }

    mutating func measured() throws -> LedgerTimes {
        defer { removeAll() }
        let keys = (0..<Self.senders).map { Sender(number: $0) }
        try fill(keys)
        var times: [(verify: Double, apply: Double, store: Double, raw: Double)] = []
        for round in 0..<Self.blocks {
            let claims = claims(keys, round: round)
            let payload = claims.flatMap(\.value.encoded)
            var verified: [Verified<Transaction>] = []
            let verify = seconds { verified = Verifier(chain: ledger.chain).verify(claims).compactMap { $0 } }
            let context = next()
            var outcome = BlockOutcome(receipts: [], changes: [], pages: [], root: .zero)
            let apply = try seconds {
                outcome = try ledger.apply(LedgerBlock(context: context, transactions: verified), to: store.state)
            }
            guard outcome.receipts.allSatisfy({ $0.outcome == .applied }), verified.count == claims.count else {
                fatalError("a transfer of the benchmark failed")
            }
            let commit = try seconds { try store.commit(block(context, payload), outcome) }
            let inserted = try seconds { try raw.insert(payload, outcome) }
            times.append((verify, apply, commit, inserted))
        }
        return LedgerTimes(
            verify: median(times.map(\.verify)), apply: median(times.map(\.apply)),
            block: median(times.map { $0.apply + $0.store }), raw: median(times.map(\.raw)), proof: try longestProof(),
            memory: residentMemory())
    }

    /// Funds the senders and opens the other accounts, in large blocks of changes made by hand.
    private mutating func fill(_ keys: [Sender]) throws {
        let funded = Account(balance: Amount(units: 1_000_000_000_000)).encoded
        let senders = keys.map { AccountID(SecretKey(seed: Seed(known: $0.bytes)).publicKey) }
        var start = 0
        while start < entries {
            let end = min(entries, start + Self.batch)
            var changes = (start..<end).map { Self.change(Self.account($0), funded) }
            if start == 0 { changes += senders.map { Self.change($0, funded) } }
            changes.sort { $0.key < $1.key }
            let (root, pages) = try StateTree(Blake2b()).apply(changes, to: store.state)
            let outcome = BlockOutcome(receipts: [], changes: changes, pages: pages, root: root)
            try store.commit(block(next(), []), outcome)
            start = end
        }
    }

    private static func change(_ id: AccountID, _ value: [UInt8]) -> StateChange {
        StateChange(key: RecordKey<Account>.account(id).key, value: value)
    }

    private mutating func claims(_ keys: [Sender], round: Int) -> [Claim<Transaction>] {
        let each = Self.transfers / Self.senders
        return keys.flatMap { seed in
            let key = SecretKey(seed: Seed(known: seed.bytes))
            return (0..<each).map { index in
                let body = Transaction.Body(
                    chain: ledger.chain, sender: AccountID(key.publicKey), nonce: UInt64(round * each + index),
                    fee: Amount(units: 1000), expiry: Height(.max),
                    action: .transfer(to: Self.account(Int(random.below(UInt64(entries)))), amount: .one))
                let signature = key.sign(body.signedBytes(chain: ledger.chain))
                return Claim(Transaction(body, signature: signature), by: key.publicKey)
            }
        }
    }

    private func next() -> BlockContext {
        let height = store.head?.height.next ?? .genesis
        return BlockContext(
            height: height, epoch: parameters.epoch(of: height), proposer: Self.account(0), time: height.number,
            parent: store.head?.digest ?? .zero)
    }

    private func block(_ context: BlockContext, _ payload: [UInt8]) -> StoredBlock {
        var writer = ByteWriter()
        writer.ordinal(context.height)
        return StoredBlock(
            height: context.height, epoch: context.epoch, view: View(context.height.number), time: context.time,
            proposer: context.proposer, digest: Blake2b().digest(DomainTag("cn/bench"), writer.bytes),
            parent: context.parent, header: [], payload: payload, certificate: [])
    }

    private mutating func longestProof() throws -> Int {
        let tree = StateTree(Blake2b())
        var longest = 0
        for _ in 0..<500 {
            let key = RecordKey<Account>.account(Self.account(Int(random.below(UInt64(entries))))).key
            longest = max(longest, try tree.proof(of: key, in: store.state).encoded.count)
        }
        return longest
    }

    private func removeAll() {
        for name in ["chain.db", "chain.db-wal", "chain.db-shm", "chain.lock", "raw.db", "raw.db-wal", "raw.db-shm"] {
            unlink(directory + "/" + name)
        }
        rmdir(directory)
    }
}

/// A sender's secret, remembered by its number.
private struct Sender {
    let bytes: Bytes32

    init(number: Int) {
        var writer = ByteWriter()
        writer.u64(UInt64(number))
        bytes = Blake2b().digest(DomainTag("cn/bench.key"), writer.bytes).raw
    }
}

/// The least that SQLite must do to make as many bytes durable: rows appended to one table, in one transaction.
///
/// SAFETY, throughout: the handles are opened once and live as long as the value, and bytes are copied when bound.
private final class RawTable {
    private var database: OpaquePointer?
    private var statement: OpaquePointer?

    init(_ path: String) throws {
        guard unsafe sqlite3_open(path, &database) == SQLITE_OK else { throw error("open") }
        try run("PRAGMA journal_mode = WAL")
        try run("PRAGMA synchronous = FULL")
        try run("CREATE TABLE raw(id INTEGER PRIMARY KEY, bytes BLOB)")
        let code = unsafe sqlite3_prepare_v2(database, "INSERT INTO raw(bytes) VALUES (?)", -1, &statement, nil)
        guard code == SQLITE_OK else { throw error("prepare") }
    }

    deinit {
        unsafe sqlite3_finalize(statement)
        unsafe sqlite3_close(database)
    }

    func insert(_ payload: [UInt8], _ outcome: BlockOutcome) throws {
        try run("BEGIN")
        try insert(payload)
        for receipt in outcome.receipts { try insert(receipt.transaction.raw.bytes) }
        for change in outcome.changes { try insert(change.key.bytes + (change.value ?? [])) }
        for change in outcome.pages { try insert(change.path.bytes + (change.page?.encoded ?? [])) }
        try run("COMMIT")
    }

    private func insert(_ bytes: [UInt8]) throws {
        unsafe _ = cairn_bind_blob_copy(statement, 1, bytes, UInt64(bytes.count))
        guard unsafe sqlite3_step(statement) == SQLITE_DONE else { throw error("insert") }
        unsafe sqlite3_reset(statement)
    }

    private func run(_ sql: String) throws {
        guard unsafe sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw error(sql) }
    }

    private func error(_ sql: String) -> StoreError {
        .sqlite(
            code: unsafe sqlite3_errcode(database), message: unsafe String(cString: sqlite3_errmsg(database)), sql: sql)
    }
}

private func seconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try work()
    let (seconds, attoseconds) = (clock.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
}

private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// What the process holds in memory, in MiB.
private func residentMemory() -> Double {
    var buffer = [UInt8](repeating: 0, count: 128)
    let file = open("/proc/self/statm", O_RDONLY)
    defer { close(file) }
    // SAFETY: the buffer lives for the call and its size is its own.
    let count = unsafe read(file, &buffer, buffer.count)
    let fields = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).split(separator: " ")
    let pages = fields.count > 1 ? Double(fields[1]) ?? 0 : 0
    return pages * Double(getpagesize()) / 1_048_576
}
