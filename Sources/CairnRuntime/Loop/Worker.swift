internal import CLinux
internal import CairnBase
internal import CairnThreads
internal import Glibc

/// One thread beside the loop for work that blocks: the store, bulk verification.
///
/// Jobs go in through a bounded queue in order; their results come back as calls on the loop, in the same order. State
/// that belongs to the work, such as a database handle, is made and used on the worker's thread alone.
public final class Worker<Job: Sendable, Product: Sendable> {
    /// Jobs that were taken and whose products were not delivered yet.
    public private(set) var pendingCount = 0

    private var isFinished = false
    private let capacity: Int
    private let queue: WorkQueue<Job>
    private let thread: WorkerThread

    /// A worker whose jobs are each done when the next begins.
    public convenience init(
        name: String, on loop: EventLoop, capacity: Int,
        makeWork: @escaping @Sendable () -> (Job) -> Product, complete: @escaping (Product) -> Void
    ) throws(SystemError) {
        try self.init(
            name: name, on: loop, capacity: capacity,
            makeLateWork: {
                let work = makeWork()
                return { job in job.map { [work($0)] } ?? [] }
            }, complete: complete)
    }

    /// - Parameters:
    ///   - capacity: how many jobs may be under way; `submit` refuses more.
    ///   - makeLateWork: called once on the new thread; what it returns does the jobs there. Each has one product, in
    ///     their order; it may come with a later job, and does at the latest with nil, when no further job waits.
    ///   - complete: called on the loop for every product.
    public init(
        name: String, on loop: EventLoop, capacity: Int,
        makeLateWork makeWork: @escaping @Sendable () -> (Job?) -> [Product], complete: @escaping (Product) -> Void
    ) throws(SystemError) {
        self.capacity = capacity
        let queue = try WorkQueue<Job>()
        self.queue = queue
        let delivered = Delivery()
        let mailbox = loop.mailbox(capacity: capacity) { (product: Product) in
            delivered.count?()
            complete(product)
        }
        let serve: @Sendable () -> Void = {
            let work = makeWork()
            func deliver(_ products: [Product]) {
                for product in products {
                    // Never full: no more products can be waiting than jobs were admitted.
                    let posted = mailbox.post(product)
                    invariant(posted, "a worker's mailbox has room for every job")
                }
            }
            while let jobs = queue.takeAll(whenEmpty: { deliver(work(nil)) }) {
                for job in jobs { deliver(work(job)) }
            }
        }
        do {
            thread = try WorkerThread(name: name, serve)
        } catch {
            throw SystemError("pthread_create", code: error.code)
        }
        delivered.count = { [weak self] in self?.pendingCount -= 1 }
    }

    /// Queues a job. False when as many as allowed are under way, or the worker has finished.
    public func submit(_ job: Job) -> Bool {
        guard pendingCount < capacity, !isFinished else { return false }
        pendingCount += 1
        queue.add(job)
        return true
    }

    /// Does the jobs that are queued, then ends the thread. Products that arrive meanwhile are still delivered.
    public func finish() {
        isFinished = true
        queue.close()
        thread.join()
    }

    deinit {
        finish()
    }

    /// Ties the loop's callback to the worker after both exist. Used on the loop only.
    private final class Delivery {
        var count: (() -> Void)?
    }
}

/// Jobs on their way to a worker's thread, which sleeps on an eventfd while there are none.
private final class WorkQueue<Job: Sendable>: Sendable {
    private struct State {
        var jobs: [Job] = []
        var isClosed = false
    }

    private let state = Guarded(State())
    private let bell: FileDescriptor

    init() throws(SystemError) {
        bell = try FileDescriptor("eventfd", clinux_eventfd_blocking())
    }

    func add(_ job: Job) {
        let isFirst = state.withLock { state in
            state.jobs.append(job)
            return state.jobs.count == 1
        }
        if isFirst { _ = clinux_eventfd_signal(bell.raw) }
    }

    func close() {
        state.withLock { $0.isClosed = true }
        _ = clinux_eventfd_signal(bell.raw)
    }

    /// Waits for jobs, and calls `whenEmpty` before; nil when the queue is closed and empty.
    func takeAll(whenEmpty: () -> Void) -> [Job]? {
        while true {
            let (jobs, isClosed) = state.withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                return (jobs, state.isClosed)
            }
            if !jobs.isEmpty { return jobs }
            whenEmpty()
            if isClosed { return nil }
            _ = clinux_eventfd_take(bell.raw)
        }
    }
}
