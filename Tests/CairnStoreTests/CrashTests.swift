import CFaults
import CairnBase
import CairnLedger
import CairnStore
import Glibc
import Testing

/// A chain is killed at every write and every sync, and must come back with all it had acknowledged.
///
/// Two ways: the disk disappears under the process at an index, and a real process is killed there. Every index is tried,
/// on a chain short enough that all of them take seconds.
@Suite(.serialized) struct CrashTests {
    static let isLong = unsafe getenv("CAIRN_LONG") != nil
    /// So small that a run writes some blocks' changes at once, puts off others and catches up in between.
    static let limits = {
        var limits = Limits.Store()
        limits.changesAtOnce = 4
        limits.pendingBlocks = 3
        limits.stateCache = 2 << 10
        return limits
    }()
    private static let blocksKilled = isLong ? 200 : 4
    let chain: SampleChain

    init() throws {
        try self.init(blocks: 4)
    }

    private init(blocks: Int) throws {
        chain = try SampleChain(blocks: blocks)
        #expect(cairn_faults_register() == 0)
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
    }

    /// - Parameter ahead: whether a block is handed in while the one before is being written.
    @Test(arguments: [false, true]) func nothingAcknowledgedIsLostAtAnyIndex(ahead: Bool) throws {
        let whole = try TestDirectory()
        let operations = try run(in: whole.path, until: 0, ahead: ahead).operations
        try #require(operations > 20)
        for index in 1...operations {
            let directory = try TestDirectory()
            let result = try run(in: directory.path, until: index, ahead: ahead)
            // What fails after the last commit, while the file is being closed, is nobody's loss.
            try #require(result.error != nil || result.acknowledged == UInt64(chain.steps.count), "index \(index)")
            try recover(directory, acknowledged: result.acknowledged, handedIn: result.handedIn, "index \(index)")
        }
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
    }

    /// One failed write stops the store for good, though the disk works again.
    @Test func anErrorIsFinal() throws {
        let directory = try TestDirectory()
        let store = try ChainStore(directory: directory.path, system: "cairn-faults")
        try chain.begin(store)
        cairn_faults_arm(CAIRN_FAULT_ONCE, 2)
        let error = #expect(throws: StoreError.self) { try store.commit(chain.steps[0].block, chain.steps[0].outcome) }
        guard case .sqlite(_, _, let sql) = try #require(error) else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(sql == "COMMIT")
        #expect(throws: StoreError.stopped) { try store.commit(chain.steps[0].block, chain.steps[0].outcome) }
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
    }

    /// The block that failed is named to whoever comes next, none behind it is written, and all later ones are refused.
    @Test func anErrorBesideTheOwnerIsFinal() throws {
        let directory = try TestDirectory()
        do {
            let store = try ChainStore(directory: directory.path, system: "cairn-faults")
            try chain.begin(store)
            try store.commit(chain.steps[0].block, chain.steps[0].outcome)
            cairn_faults_arm(CAIRN_FAULT_ONCE, 2)
            let error = #expect(throws: StoreError.self) {
                for step in chain.steps.dropFirst() { try store.append(step.block, step.outcome) }
                try store.sync()
            }
            #expect(error != .stopped)
            cairn_faults_arm(CAIRN_FAULT_NONE, 0)
            let next = try #require(chain.steps.last)
            #expect(throws: StoreError.stopped) { try store.append(next.block, next.outcome) }
            #expect(throws: StoreError.stopped) { try store.sync() }
            #expect(throws: StoreError.stopped) { try store.settle() }
            // What was worked out over a block that is not there is nobody's state.
            #expect(throws: StateError.self) { try store.state.value(for: RecordKey<Parameters>.parameters.key) }
        }
        let store = try ChainStore(directory: directory.path)
        #expect(store.head == chain.steps[0].head || store.head == chain.steps[1].head)
        #expect(try store.scrub() == [])
    }

    /// A failed write while the table is brought up to date is as final as any other.
    @Test func aFailedSettlementIsFinal() throws {
        let directory = try TestDirectory()
        var limits = Limits.Store()
        limits.changesAtOnce = 0
        let store = try ChainStore(directory: directory.path, limits: limits, system: "cairn-faults")
        try chain.begin(store)
        for step in chain.steps.dropLast() { try store.commit(step.block, step.outcome) }
        cairn_faults_arm(CAIRN_FAULT_ONCE, 1)
        #expect(throws: StoreError.self) { try store.scrub() }
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
        let last = try #require(chain.steps.last)
        #expect(throws: StoreError.stopped) { try store.commit(last.block, last.outcome) }
        #expect(throws: StoreError.stopped) { try store.settle() }
    }

    /// A real process, killed for real, at indices spread over its run.
    @Test func killedProcessesComeBack() async throws {
        let whole = try TestDirectory()
        let run = try CrashTests(blocks: Self.blocksKilled)
        let operations = try run.run(in: whole.path, until: 0).operations
        for part in 1...(Self.isLong ? 40 : 5) {
            let directory = try TestDirectory()
            let index = 1 + (operations - 1) * Int64(part) / (Self.isLong ? 41 : 6)
            // A new process, not a fork of this one: a fork keeps the locks that other threads happened to hold.
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [path = directory.path as String, index = index as Int64] in
                _ = try CrashTests(blocks: CrashTests.blocksKilled)
                    .run(in: path, until: index, CAIRN_FAULT_KILL, ahead: !index.isMultiple(of: 2))
            }
            try run.recover(directory, acknowledged: nil, "killed at \(index)")
        }
    }

    private func run(
        in directory: String, until index: Int64, _ mode: cairn_fault_mode = CAIRN_FAULT_GONE, ahead: Bool = false
    ) throws -> Run {
        cairn_faults_arm(index == 0 ? CAIRN_FAULT_NONE : mode, index)
        var run = Run()
        do throws(StoreError) {
            let store = try ChainStore(directory: directory, limits: Self.limits, system: "cairn-faults")
            run.handedIn = 0
            try chain.begin(store)
            run.acknowledged = 0
            for step in chain.steps {
                run.handedIn = step.block.height.number
                if ahead {
                    try store.append(step.block, step.outcome)
                    run.acknowledged = try store.durable()?.number
                } else {
                    try store.commit(step.block, step.outcome)
                    run.acknowledged = run.handedIn
                }
            }
            try store.sync()
            run.acknowledged = run.handedIn
        } catch {
            run.error = error
        }
        run.operations = cairn_faults_count()
        return run
    }

    private struct Run {
        /// The newest block that is durable by the store's word, and the newest it was given.
        var acknowledged: UInt64?
        var handedIn: UInt64?
        var operations: Int64 = 0
        var error: StoreError?
    }

    /// Opens what is left, checks that it is one of the states that may be left, and carries the chain on to its end.
    private func recover(
        _ directory: TestDirectory, acknowledged: UInt64?, handedIn: UInt64? = nil, _ name: String
    ) throws {
        cairn_faults_arm(CAIRN_FAULT_NONE, 0)
        let store = try ChainStore(directory: directory.path, limits: Self.limits)
        let height = store.head?.height.number
        if let acknowledged {
            // What was in the air may have arrived or not; nothing before it may be missing.
            let possible = acknowledged...(handedIn ?? acknowledged + 1)
            try #require(height.map(possible.contains) == true, "\(name)")
        }
        if height == nil { try chain.begin(store) }
        let done = Int(store.head?.height.number ?? 0)
        if done > 0 {
            try #require(store.head == chain.steps[done - 1].head, "\(name)")
            for entry in chain.steps[done - 1].state.entries {
                try #require(try store.state.value(for: entry.key) == entry.value, "\(name)")
            }
        }
        for step in chain.steps.dropFirst(done) { try store.commit(step.block, step.outcome) }
        try #require(store.head == chain.steps.last?.head, "\(name)")
        try #require(try store.scrub() == [], "\(name)")
    }
}
