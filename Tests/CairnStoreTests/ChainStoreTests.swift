import CairnBase
import CairnCrypto
import CairnLedger
import CairnStore
import CairnWire
import Glibc
import Testing

@Suite struct ChainStoreTests {
    let directory: TestDirectory

    init() throws {
        directory = try TestDirectory()
    }

    @Test func whatWasCommittedIsThereAfterReopening() throws {
        let chain = try SampleChain(blocks: 8)
        try chain.fill(directory)
        let store = try ChainStore(directory: directory.path)
        #expect(store.chain == chain.ledger.chain)
        #expect(store.head == chain.steps.last?.head)
        for step in chain.steps {
            #expect(try store.block(at: step.block.height) == step.block)
            #expect(try store.receipts(at: step.block.height) == step.outcome.receipts)
            #expect(try store.height(of: step.block.digest) == step.block.height)
        }
        #expect(try store.block(at: Height(9)) == nil)
        #expect(try store.block(at: .genesis)?.payload == chain.genesis.encoded)
        for entry in try #require(chain.steps.last).state.entries {
            #expect(try store.state.value(for: entry.key) == entry.value)
        }
    }

    /// The ledger gives the same answers over SQLite as over memory.
    @Test func theLedgerBuildsOnTheStore() throws {
        let chain = try SampleChain(blocks: 6)
        let store = try ChainStore(directory: directory.path)
        try chain.begin(store)
        for step in chain.steps {
            let transactions = try decoded(step.block.payload)
            let context = BlockContext(
                height: step.block.height, epoch: step.block.epoch, proposer: step.block.proposer,
                time: step.block.time, parent: step.block.parent)
            let outcome = try chain.ledger.apply(
                LedgerBlock(context: context, transactions: transactions), to: store.state)
            #expect(outcome == step.outcome)
            try store.commit(step.block, outcome)
            #expect(store.head == step.head)
        }
    }

    @Test func blocksComeInOrder() throws {
        let chain = try SampleChain(blocks: 2)
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.outOfOrder(expected: 0, offered: 1)) {
            try store.commit(chain.steps[0].block, chain.steps[0].outcome)
        }
        try chain.begin(store)
        #expect(throws: StoreError.outOfOrder(expected: 1, offered: 0)) { try chain.begin(store) }
        #expect(throws: StoreError.outOfOrder(expected: 1, offered: 2)) {
            try store.commit(chain.steps[1].block, chain.steps[1].outcome)
        }
        try store.commit(chain.steps[0].block, chain.steps[0].outcome)
        #expect(throws: StoreError.outOfOrder(expected: 2, offered: 1)) {
            try store.commit(chain.steps[0].block, chain.steps[0].outcome)
        }
    }

    @Test func aSecondOwnerIsTurnedAwayByName() throws {
        let store = try ChainStore(directory: directory.path)
        #expect(throws: StoreError.locked(path: directory.path + "/chain.lock", pid: getpid())) {
            try ChainStore(directory: directory.path)
        }
        withExtendedLifetime(store) {}
    }

    @Test func proofsComeFromTheStore() throws {
        let chain = try SampleChain(blocks: 6)
        try chain.fill(directory)
        let store = try ChainStore(directory: directory.path)
        let root = try #require(store.head).root
        let key = RecordKey<Account>.account(AccountID(repeated(1))).key
        let value = try store.state.value(for: key)
        let proof = try StateTree(Blake2b()).proof(of: key, in: store.state)
        #expect(value != nil)
        #expect(proof.shows(value, under: key, in: root, using: Blake2b()))
    }

    /// What is pending is read, proven and built on as if it lay in the table, also with no room in memory, and again
    /// after reopening.
    @Test func whatIsPendingIsReadAndProven() throws {
        let chain = try SampleChain(blocks: 6)
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        limits.stateCache = 0
        limits.pendingBlocks = 100
        try chain.fill(directory, limits)
        let store = try ChainStore(directory: directory.path, limits: limits)
        let last = try #require(chain.steps.last)
        for entry in last.state.entries {
            #expect(try store.state.value(for: entry.key) == entry.value)
            let proof = try StateTree(Blake2b()).proof(of: entry.key, in: store.state)
            #expect(proof.shows(entry.value, under: entry.key, in: last.outcome.root, using: Blake2b()))
        }
    }

    /// The ledger builds on a block while it is being written, and whatever else is asked then waits: also with no room in
    /// memory, where most of what is read lies in the file.
    @Test(arguments: [(0, 0), (4, 2 << 10), (512, 128 << 20)], [(1, 1 << 20), (3, 1 << 20), (64, 0), (64, 1 << 20)])
    func blocksAreBuiltOnWhileTheyAreWritten(room: (atOnce: Int, cache: Int), air: (blocks: Int, bytes: Int)) throws {
        let chain = try SampleChain(blocks: 30)
        var limits = Limits.Store()
        (limits.changesAtOnce, limits.stateCache, limits.pendingBlocks) = (room.atOnce, room.cache, 3)
        (limits.blocksInTheAir, limits.bytesInTheAir) = air
        do {
            let store = try ChainStore(directory: directory.path, limits: limits)
            try chain.begin(store)
            for step in chain.steps {
                let context = BlockContext(
                    height: step.block.height, epoch: step.block.epoch, proposer: step.block.proposer,
                    time: step.block.time, parent: step.block.parent)
                let outcome = try chain.ledger.apply(
                    LedgerBlock(context: context, transactions: try decoded(step.block.payload)), to: store.state)
                #expect(outcome == step.outcome)
                try store.append(step.block, outcome)
                #expect(store.head == step.head)
                let isOneByOne = air.blocks == 1 || air.bytes == 0
                #expect(try !isOneByOne || (store.durable() ?? .genesis).next >= step.block.height)
                guard step.block.height.number.isMultiple(of: 3) else { continue }
                for entry in step.state.entries { #expect(try store.state.value(for: entry.key) == entry.value) }
                #expect(try store.block(at: step.block.height) == step.block)
                #expect(try store.receipts(at: step.block.height) == step.outcome.receipts)
            }
        }
        let store = try ChainStore(directory: directory.path, limits: limits)
        #expect(store.head == chain.steps.last?.head)
        #expect(try store.scrub() == [])
    }

    /// Nothing is begun that the disk may not hold; what is there can be read, and room is all that is missing.
    @Test func aFullDiskIsNamedBeforeItIsTooLate() throws {
        let chain = try SampleChain(blocks: 3)
        try chain.fill(directory)
        let longer = try SampleChain(blocks: 4)
        let next = try #require(longer.steps.last)
        do {
            var limits = Limits.Store()
            limits.diskReserve = .max
            let store = try ChainStore(directory: directory.path, limits: limits)
            let error = #expect(throws: StoreError.self) { try store.commit(next.block, next.outcome) }
            guard case .diskFull(_, need: .max)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try store.block(at: Height(3)) == chain.steps[2].block)
            try store.settle()
        }
        let store = try ChainStore(directory: directory.path)
        try store.commit(next.block, next.outcome)
        #expect(store.head == next.head)
    }

    /// Who may hold no more than it holds writes nothing more; who is given room goes on, without being opened again.
    @Test func aCeilingFillsTheDisk() throws {
        let chain = try SampleChain(blocks: 3)
        try chain.fill(directory)
        let longer = try SampleChain(blocks: 4)
        let next = try #require(longer.steps.last)
        let ceiling = directory.path + "/ceiling"
        let store = try ChainStore(directory: directory.path, space: DiskSpace(ceiling: ceiling))
        try write("\(DiskSpace.used(below: directory.path))\n", to: ceiling)
        let error = #expect(throws: StoreError.self) { try store.commit(next.block, next.outcome) }
        #expect(error == .diskFull(free: 0, need: Limits.Store().diskReserve))
        try write("1000000000000", to: ceiling)
        try store.commit(next.block, next.outcome)
        #expect(store.head == next.head)
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(unsafe fopen(path, "w"))
        defer { unsafe fclose(file) }
        #expect(unsafe fputs(text, file) >= 0)
    }

    /// Receipts and blocks go when they are old, the last of every epoch and all of the state stay; also when a store is
    /// opened again with another policy.
    @Test func whatIsOldIsTakenAway() throws {
        let chain = try SampleChain(blocks: 40)
        try chain.fill(directory)
        let longer = try SampleChain(blocks: 42)
        let retention = Retention(receipts: 10, blocks: 20, epochBlocks: 6)
        let store = try ChainStore(directory: directory.path, retention: retention)
        for step in longer.steps.dropFirst(40) { try store.commit(step.block, step.outcome) }
        for step in longer.steps {
            let height = step.block.height.number
            let isKept = height >= 22 || height.isMultiple(of: 6)
            #expect(try store.block(at: step.block.height) == (isKept ? step.block : nil), "\(height)")
            let receipts = try store.receipts(at: step.block.height)
            #expect(receipts == (height >= 32 ? step.outcome.receipts : []), "\(height)")
        }
        #expect(try store.block(at: .genesis) != nil)
        for entry in try #require(longer.steps.last).state.entries {
            #expect(try store.state.value(for: entry.key) == entry.value)
        }
        #expect(try store.scrub() == [])
    }

    private func decoded(_ payload: [UInt8]) throws -> [Verified<Transaction>] {
        var reader = ByteReader(payload.span.bytes)
        var transactions: [Verified<Transaction>] = []
        while reader.remaining > 0 {
            let transaction = try Transaction(from: &reader)
            transactions.append(Verified(vouchedFor: transaction, signer: transaction.key))
        }
        return transactions
    }
}
