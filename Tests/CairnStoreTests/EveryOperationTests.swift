import CFaults
import CairnBase
import CairnLedger
import CairnStore
import Glibc
import Testing

extension CrashTests {
    /// What a kill before each write and each sync would leave behind, taken from one run as it goes: the files are
    /// copied before every operation, and the copy is opened, checked and built on. CAIRN_LONG makes the run two
    /// hundred blocks, every operation of them.
    @Test func everyOperationOfARunLeavesAChain() throws {
        let long = try SampleChain(blocks: Self.isLong ? 200 : 3)
        let watch = OperationWatch(chain: long)
        let directory = try TestDirectory()
        unsafe OperationWatch.current = watch
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
        cairn_faults_watch { unsafe OperationWatch.current?.check() }
        defer {
            cairn_faults_watch(nil)
            unsafe OperationWatch.current = nil
        }
        watch.directory = directory.path
        let store = try ChainStore(directory: directory.path, limits: Self.limits, system: "cairn-faults")
        try long.begin(store)
        watch.acknowledged = 0
        for step in long.steps {
            try store.commit(step.block, step.outcome)
            watch.acknowledged = step.block.height.number
        }
        try #require(watch.failure == nil, "operation \(watch.count): \(watch.failure ?? "")")
        #expect(watch.count > 10 * long.steps.count)
        if Self.isLong {
            print("\(watch.count) operations of \(long.steps.count) blocks: nothing lost, nothing halved")
        }
    }
}

/// Looks at the files of a running store as a process would find them that starts after a kill.
private final class OperationWatch {
    // SAFETY: set and called by one test, which is serialised with the others that use the fault layer.
    nonisolated(unsafe) static var current: OperationWatch?

    let chain: SampleChain
    var directory = ""
    var acknowledged: UInt64?
    private(set) var count = 0
    private(set) var failure: String?
    private var isLooking = false

    init(chain: SampleChain) {
        self.chain = chain
    }

    func check() {
        guard !isLooking, failure == nil else { return }
        isLooking = true
        defer { isLooking = false }
        count += 1
        do {
            try look()
        } catch {
            failure = "\(error)"
        }
        if CrashTests.isLong, count.isMultiple(of: 500) { print("\(count) operations, block \(acknowledged ?? 0)") }
    }

    private func look() throws {
        let place = try TestDirectory()
        for name in ["chain.db", "chain.db-wal"] {
            guard access(directory + "/" + name, F_OK) == 0 else { continue }
            let bytes = try fileContents(directory + "/" + name)
            let file = try #require(unsafe fopen(place.path + "/" + name, "wb"))
            unsafe fwrite(bytes, 1, bytes.count, file)
            unsafe fclose(file)
        }
        let store = try ChainStore(directory: place.path, limits: CrashTests.limits)
        let height = store.head?.height.number
        let least = acknowledged.map { Int($0) } ?? -1
        let found = height.map { Int($0) } ?? -1
        try #require(found == least || found == least + 1, "height \(found) after \(least) was acknowledged")
        guard found >= 0 else { return try chain.begin(store) }
        let state = found == 0 ? chain.start : chain.steps[found - 1].state
        if found > 0 {
            try #require(store.head == chain.steps[found - 1].head)
            let receipts = try store.receipts(at: Height(UInt64(found)))
            try #require(receipts == chain.steps[found - 1].outcome.receipts)
            try #require(try store.block(at: Height(UInt64(found))) == chain.steps[found - 1].block)
        }
        for entry in state.entries { try #require(try store.state.value(for: entry.key) == entry.value) }
        try #require(try store.scrub() == [])
        guard found < chain.steps.count else { return }
        try store.commit(chain.steps[found].block, chain.steps[found].outcome)
    }
}
