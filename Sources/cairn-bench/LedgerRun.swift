import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire
import Glibc

/// One chain in a directory of its own, filled with accounts before the clock starts.
struct LedgerRun {
    static let transfers = 1000
    /// Two rounds of the store: so many blocks until everything that was put off is written twice.
    private static let blocks = 220
    private static let senders = 200
    private static let batch = 25_000

    private let entries: Int
    private let directory: String
    let ledger: Ledger<Blake2b>
    private var store: ChainStore?
    let parameters = Parameters(.testnet)
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
        try store?.begin(
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
        var times = LedgerTimes()
        try open().copy(to: directory + "/raw.db")
        times.open = try seconds {
            store = nil
            store = try ChainStore(directory: directory)
            ProcessMemory.gatherPages()
        }
        let feed = try BlockFeed(directory + "/blocks")
        for round in 0..<Self.blocks { times.verify += try feed.add(claims(keys, round: round), on: ledger.chain) }
        let written = try commit(feed, &times)
        times.memory = residentMegabytes(of: "self")
        times.proof = try longestProof()
        times.verdicts = try measureVerdicts()
        try measureRaw(written.shapes, &times)
        times.appended = try written.append(to: RawTable(directory + "/appended.db"))
        try measureKeyed(&times)
        for path in [\LedgerTimes.verify, \.apply, \.block, \.raw, \.appended] {
            times[keyPath: path] /= Double(Self.blocks)
        }
        return times
    }

    /// Reads, applies and makes durable one block after the other, as fast as that goes.
    private func commit(_ feed: BlockFeed, _ times: inout LedgerTimes) throws -> WrittenRows {
        let store = try open()
        var written = WrittenRows()
        try feed.rewind()
        times.block = try seconds {
            for _ in 0..<Self.blocks {
                let context = try next()
                let payload = try feed.next()
                let block = LedgerBlock(context: context, transactions: try BlockFeed.transactions(in: payload))
                var outcome = BlockOutcome(receipts: [], changes: [], tree: TreeUpdate())
                times.apply += try processorSeconds { outcome = try ledger.apply(block, to: store.state) }
                guard outcome.receipts.count == Self.transfers, outcome.receipts.allSatisfy(\.isApplied) else {
                    fatalError("a transfer of the benchmark failed")
                }
                try store.append(self.block(context, payload), outcome)
                written.add(outcome, payload.count, at: context.height)
            }
            try store.sync()
        }
        return written
    }

    /// The same rows once more, into a copy of the database. Which entries are written when the table is brought up to
    /// date is drawn again: as many, as far apart.
    private mutating func measureRaw(_ shapes: [WrittenRows.BlockShape], _ times: inout LedgerTimes) throws {
        let raw = try RawChain(copy: directory + "/raw.db", of: directory + "/chain.db")
        let tree = StateTree(Blake2b())
        for shape in shapes {
            var paths: Set<Digest> = []
            while paths.count < min(shape.settled, entries) {
                let account = Self.account(Int(random.below(UInt64(entries))))
                paths.insert(tree.path(of: RecordKey<Account>.account(account).key))
            }
            times.raw += try raw.replay(
                height: shape.height, pending: shape.pending, entries: paths.sorted().map(\.raw.bytes))
        }
    }

    /// The same entries in a table of SQLite's own, as many of them changed per block, without hash, root or rules.
    private mutating func measureKeyed(_ times: inout LedgerTimes) throws {
        let table = try RawTable(directory + "/keyed.db")
        let value = Account(balance: .one).encoded
        try table.put([], (0..<entries).map { Self.change(Self.account($0), value) }.sorted { $0.key < $1.key })
        let rows =
            [[UInt8](repeating: 1, count: 200 * Self.transfers)]
            + (0..<Self.transfers).map { _ in [UInt8](repeating: 2, count: 36) }
        let rounds = 8
        for _ in 0..<rounds {
            let changes = (0..<(Self.transfers + Self.senders))
                .map { _ in Self.change(Self.account(Int(random.below(UInt64(entries)))), value) }
            times.keyed += try seconds { try table.put(rows, changes.sorted { $0.key < $1.key }) } / Double(rounds)
        }
    }

    func open() throws -> ChainStore {
        guard let store else { throw StoreError.stopped }
        return store
    }

    /// Funds the senders and opens the other accounts, in large blocks of changes made by hand.
    private mutating func fill(_ keys: [Sender]) throws {
        let funded = Account(balance: Amount(units: 1_000_000_000_000)).encoded
        let senders = keys.map { AccountID(SecretKey(seed: Seed(known: $0.bytes)).publicKey) }
        var start = 0
        while start < entries {
            let end = min(entries, start + Self.batch)
            var changes = (start..<end).map { Self.change(Self.account($0), funded) }
            if start == 0 { changes += (senders + Self.diskOwners).map { Self.change($0, funded) } }
            changes.sort { $0.key < $1.key }
            let outcome = BlockOutcome(
                receipts: [], changes: changes, tree: try StateTree(Blake2b()).apply(changes, to: open().state))
            try open().commit(block(next(), []), outcome)
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

    func next() throws -> BlockContext {
        let head = try open().head
        let height = head?.height.next ?? .genesis
        return BlockContext(
            height: height, epoch: parameters.epoch(of: height), proposer: Self.account(0), time: height.number,
            parent: head?.digest ?? .zero)
    }

    func block(_ context: BlockContext, _ payload: [UInt8]) -> StoredBlock {
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
            longest = max(longest, try tree.proof(of: key, in: open().state).encoded.count)
        }
        return longest
    }

    private func removeAll() {
        for file in ["blocks", "chain", "raw", "appended", "keyed"] {
            for suffix in ["", ".db", ".db-wal", ".db-shm", ".lock"] { unlink(directory + "/" + file + suffix) }
        }
        rmdir(directory)
    }
}

extension Receipt {
    fileprivate var isApplied: Bool { outcome == .applied }
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

func seconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try work()
    let (seconds, attoseconds) = (clock.now - start).components
    return Double(seconds) + Double(attoseconds) / 1e18
}

/// What this thread computed for; a busy machine does not count.
func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
    func now() -> Double {
        var time = timespec()
        // SAFETY: the structure lives for the call.
        unsafe _ = clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
    let start = now()
    try work()
    return now() - start
}
