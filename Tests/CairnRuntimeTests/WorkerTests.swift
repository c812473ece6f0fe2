import CairnBase
import CairnThreads
import Testing

@testable import CairnRuntime

@Suite struct WorkerTests {
    @Test func `does jobs in order on its own thread`() throws {
        let run = try LoopRun()
        var products: [Int] = []
        let worker = try Worker<Int, Int>(
            name: "test-worker", on: run.loop, capacity: 64,
            makeWork: {
                // State that only this thread sees.
                var sum = 0
                return { job in
                    sum += job
                    return sum
                }
            },
            complete: { product in
                products.append(product)
                if products.count == 50 { run.finish() }
            })
        for job in 1...50 { #expect(worker.submit(job)) }
        try run.run()
        #expect(products == (1...50).map { $0 * ($0 + 1) / 2 })
        #expect(worker.pendingCount == 0)
        worker.finish()
    }

    @Test func `refuses more than its capacity, and takes more when some are done`() throws {
        let run = try LoopRun()
        var done = 0
        var worker: Worker<Int, Int>?
        worker = try Worker<Int, Int>(
            name: "test-worker", on: run.loop, capacity: 2, makeWork: { { $0 } },
            complete: { _ in
                done += 1
                if done == 2 { #expect(worker?.submit(3) == true) }
                if done == 3 { run.finish() }
            })
        #expect([1, 2, 3].map { worker?.submit($0) } == [true, true, false])
        try run.run()
        worker?.finish()
    }

    @Test func `finishes what was queued before it ends`() throws {
        let run = try LoopRun()
        var done = 0
        let worker = try Worker<Int, Int>(
            name: "test-worker", on: run.loop, capacity: 1_000, makeWork: { { $0 } }, complete: { _ in done += 1 })
        for job in 0..<1_000 { #expect(worker.submit(job)) }
        worker.finish()
        #expect(!worker.submit(1_000))
        run.loop.after(.zero) { run.finish() }
        try run.run()
        #expect(done == 1_000)
    }

    /// A job's product may come with the next, and the last one comes when there is no next.
    @Test func `delivers what was held back, in order, when nothing waits any more`() throws {
        let run = try LoopRun()
        var products: [Int] = []
        let worker = try Worker<Int, Int>(
            name: "test-worker", on: run.loop, capacity: 64,
            makeLateWork: {
                var held: [Int] = []
                return { job in
                    defer { held = job.map { [$0] } ?? [] }
                    return held
                }
            },
            complete: { product in
                products.append(product)
                if products.count == 50 { run.finish() }
            })
        for job in 1...50 { #expect(worker.submit(job)) }
        try run.run()
        #expect(products == Array(1...50))
        #expect(worker.pendingCount == 0)
        #expect(worker.submit(51))
        worker.finish()
        run.loop.after(.zero) { run.finish() }
        try run.run()
        #expect(products.last == 51)
    }
}

@Suite struct CompanionTests {
    @Test func `gives back what came of the work, in order and once`() {
        let companion = Companion<Int>(name: "test")
        #expect(companion.finish() == [])
        var products: [Int] = []
        for number in 0..<1_000 {
            companion.begin { number * number }
            products += companion.finish(allBut: number % 7)
        }
        #expect(products + companion.finish() == (0..<1_000).map { $0 * $0 })
        #expect(companion.finish() == [])
    }

    /// What the work touched is the owner's again after the wait, and not before: here each side waits for the other.
    @Test func `works beside its owner`() {
        let companion = Companion<Int>(name: "test")
        let steps = Guarded([String]())
        companion.begin {
            steps.wait { $0.last == "owner" ? () : nil }
            steps.change { $0.append("companion") }
            return 1
        }
        #expect(companion.finish(allBut: 1) == [])
        steps.change { $0.append("owner") }
        steps.wait { $0.last == "companion" ? () : nil }
        #expect(companion.finish() == [1])
    }

    @Test func `finishes what it began before it ends`() {
        let steps = Guarded(0)
        for _ in 0..<100 {
            let companion = Companion<Void>(name: "test")
            companion.begin { steps.change { $0 += 1 } }
        }
        #expect(steps.withLock { $0 } == 100)
    }
}
