internal import CLinux
internal import CairnBase
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

    /// - Parameters:
    ///   - capacity: how many jobs may be under way; `submit` refuses more.
    ///   - makeWork: called once on the new thread; what it returns does the jobs there.
    ///   - complete: called on the loop for every product.
    public init(
        name: String, on loop: EventLoop, capacity: Int,
        makeWork: @escaping @Sendable () -> (Job) -> Product, complete: @escaping (Product) -> Void
    ) throws(SystemError) {
        self.capacity = capacity
        let queue = try WorkQueue<Job>()
        self.queue = queue
        let delivered = Delivery()
        let mailbox = loop.mailbox(capacity: capacity) { (product: Product) in
            delivered.count?()
            complete(product)
        }
        thread = try WorkerThread(name: name) {
            let work = makeWork()
            while let jobs = queue.takeAll() {
                for job in jobs {
                    // Never full: no more products can be waiting than jobs were admitted.
                    let posted = mailbox.post(work(job))
                    invariant(posted, "a worker's mailbox has room for every job")
                }
            }
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

    /// Waits for jobs; nil when the queue is closed and empty.
    func takeAll() -> [Job]? {
        while true {
            let (jobs, isClosed) = state.withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                return (jobs, state.isClosed)
            }
            if !jobs.isEmpty { return jobs }
            if isClosed { return nil }
            _ = clinux_eventfd_take(bell.raw)
        }
    }
}

/// A named thread that is joined once.
private final class WorkerThread {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private var thread: pthread_t?

    init(name: String, _ run: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let body = Unmanaged.passRetained(Body(name, run))
        // SAFETY: the thread's function takes over the one reference that `passRetained` made; when no thread was
        // started, the reference is released here.
        let code = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                // The kernel keeps fifteen bytes of a name.
                _ = clinux_name_thread(String(decoding: body.name.utf8.prefix(15), as: UTF8.self))
                body.run()
                return nil
            }, unsafe body.toOpaque())
        guard code == 0 else {
            body.release()
            throw SystemError("pthread_create", code: code)
        }
        self.thread = thread
    }

    func join() {
        guard let thread else { return }
        self.thread = nil
        // SAFETY: the thread was started, is joined once, and leaves no result.
        _ = pthread_join(thread, nil)
    }
}
