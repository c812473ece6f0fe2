internal import CLinux
public import CairnBase
internal import Glibc

/// One thread, one epoll, everything the node does with the world.
///
/// A turn has a fixed order: wait, read the clock once, tell the owners of ready descriptors, fire due timers, deliver
/// mailboxes, run the end-of-turn hooks, flush what the turn wanted to send. Nothing is sent before the end of a turn,
/// so all effects of one turn leave in one batch. Owners read a bounded amount per turn: epoll is level-triggered and
/// tells them again.
///
/// A loop belongs to the thread that made it. Every method checks that; other threads use a `Mailbox`.
public final class EventLoop {
    /// The time of this turn. All handlers of a turn see the same instant.
    public private(set) var now: Instant
    /// Turns since the start: a node whose count stands still is stuck.
    public private(set) var turns: UInt64 = 0

    private let epoll: FileDescriptor
    private let bell: Bell
    private let owner: pthread_t
    private var watches = WatchTable()
    private var timers = TimerQueue<() -> Void>()
    private var deliveries: [() -> Void] = []
    private var turnHooks: [() -> Void] = []
    private var unflushed: [any Flushable] = []
    private var events = [clinux_event](repeating: clinux_event(), count: CLINUX_BATCH_MAX)
    private var isStopping = false

    public init() throws(SystemError) {
        epoll = try FileDescriptor("epoll_create1", clinux_epoll_create())
        bell = try Bell()
        owner = pthread_self()
        now = Clock.monotonic()
        _ = clinux_ignore_sigpipe()
        let token = watches.add(.init { [bell] _ in bell.silence() })
        _ = try checked("epoll_ctl", clinux_epoll_add(epoll.raw, bell.fd.raw, Readiness.readable.rawValue, token))
    }

    /// Turns until `stop` is called.
    public func run() throws(SystemError) {
        assertInLoop()
        isStopping = false
        while !isStopping {
            try turn()
        }
    }

    /// Ends `run` after the current turn, with what it sent flushed.
    public func stop() {
        assertInLoop()
        isStopping = true
    }

    public func assertInLoop() {
        invariant(pthread_equal(owner, pthread_self()) != 0, "a loop is used by the thread that made it")
    }
}

// MARK: - Timers, mailboxes, hooks

extension EventLoop {
    @discardableResult
    public func after(_ span: TimeSpan, _ action: @escaping () -> Void) -> TimerID {
        at(now + span, action)
    }

    @discardableResult
    public func at(_ deadline: Instant, _ action: @escaping () -> Void) -> TimerID {
        assertInLoop()
        return timers.add(action, at: max(deadline, now))
    }

    public func cancel(_ timer: TimerID) {
        assertInLoop()
        timers.cancel(timer)
    }

    /// Opens a bounded queue that other threads may post to; `receive` runs here.
    public func mailbox<Message: Sendable>(
        capacity: Int, _ receive: @escaping (Message) -> Void
    ) -> Mailbox<Message> {
        assertInLoop()
        let mailbox = Mailbox<Message>(capacity: capacity, bell: bell)
        deliveries.append {
            for message in mailbox.takeAll() { receive(message) }
        }
        return mailbox
    }

    /// Runs at the end of every turn, before anything is sent: where a shell carries out the effects it collected.
    public func atEndOfTurn(_ hook: @escaping () -> Void) {
        assertInLoop()
        turnHooks.append(hook)
    }

    /// Calls `flush` on `target` at the end of this turn.
    func flushLater(_ target: any Flushable) {
        assertInLoop()
        unflushed.append(target)
    }
}

// MARK: - Descriptors

extension EventLoop {
    /// Watches a descriptor. The owner ends the watch before it closes the descriptor.
    func watch(
        _ fd: borrowing FileDescriptor, for readiness: Readiness, _ handler: @escaping (Readiness) -> Void
    ) throws(SystemError) -> Watch {
        assertInLoop()
        let token = watches.add(.init(handler))
        do throws(SystemError) {
            _ = try checked("epoll_ctl", clinux_epoll_add(epoll.raw, fd.raw, readiness.rawValue, token))
        } catch {
            watches.remove(token)
            throw error
        }
        return Watch(token: token, fd: fd.raw, readiness: readiness)
    }

    /// Changes what a watch waits for; no call when nothing changes.
    func change(_ watch: inout Watch, to readiness: Readiness) {
        assertInLoop()
        guard watch.readiness != readiness else { return }
        watch.readiness = readiness
        let result = clinux_epoll_modify(epoll.raw, watch.fd, readiness.rawValue, watch.token)
        invariant(result == 0, "a watched descriptor can be watched differently (errno \(-result))")
    }

    func end(_ watch: Watch) {
        assertInLoop()
        _ = clinux_epoll_remove(epoll.raw, watch.fd)
        watches.remove(watch.token)
    }
}

// MARK: - One turn

extension EventLoop {
    func turn() throws(SystemError) {
        assertInLoop()
        let count = try wait()
        now = Clock.monotonic()
        turns &+= 1
        for index in 0..<count {
            // Looked up one by one: an earlier handler of this turn may have ended the watch.
            watches.handler(events[index].token)?(Readiness(rawValue: events[index].readiness))
        }
        fireTimers()
        for deliver in deliveries { deliver() }
        for hook in turnHooks { hook() }
        // What is sent because something was flushed leaves with the next turn, which comes at once: a reader that keeps
        // up with its sender must not hold the loop in this one.
        let targets = unflushed
        unflushed = []
        for target in targets { target.flush() }
    }

    /// Waits until something is ready or a timer is due; answers how many of `events` are filled.
    private func wait() throws(SystemError) -> Int {
        var timeout: Int64 = -1
        if !unflushed.isEmpty {
            // Something was sent outside a turn or while the last one was flushed.
            timeout = 0
        } else if let deadline = timers.nextDeadline() {
            timeout = Int64(clamping: deadline.since(Clock.monotonic()).nanoseconds)
        }
        // SAFETY: the buffer holds as many events as the call is told, and outlives it.
        let count = unsafe events.withUnsafeMutableBufferPointer { buffer in
            unsafe clinux_epoll_wait(epoll.raw, buffer.baseAddress, Int32(buffer.count), timeout)
        }
        return Int(try checked("epoll_wait", count))
    }

    /// Fires what is due; a timer that a handler sets for now waits for the next turn, so that no turn is endless.
    private func fireTimers() {
        let limit = timers.lastNumber
        while let action = timers.popDue(at: now, amongFirst: limit) { action() }
    }
}

/// Something that collects what a turn wants to send.
protocol Flushable: AnyObject {
    func flush()
}

/// What a descriptor is ready for.
struct Readiness: OptionSet {
    let rawValue: UInt32

    static let readable = Readiness(rawValue: UInt32(CLINUX_READABLE))
    static let writable = Readiness(rawValue: UInt32(CLINUX_WRITABLE))
    /// Both directions are over, or the socket has an error. Reported whether or not it is waited for.
    static let hangup = Readiness(rawValue: UInt32(CLINUX_HANGUP))
}

/// A descriptor under watch, held by the descriptor's owner.
struct Watch {
    fileprivate let token: UInt64
    fileprivate let fd: Int32
    fileprivate(set) var readiness: Readiness
}

/// The handlers of watched descriptors. A token is slot and generation: an event that was already fetched for a closed
/// descriptor finds another generation in the slot and goes nowhere.
private struct WatchTable {
    struct Slot {
        var generation: UInt32 = 0
        var handler: ((Readiness) -> Void)?

        init(_ handler: @escaping (Readiness) -> Void) {
            self.handler = handler
        }
    }

    private var slots: [Slot] = []
    private var free: [Int] = []

    mutating func add(_ slot: Slot) -> UInt64 {
        guard let index = free.popLast() else {
            slots.append(slot)
            return UInt64(slots.count - 1)
        }
        slots[index].handler = slot.handler
        return UInt64(slots[index].generation) << 32 | UInt64(index)
    }

    mutating func remove(_ token: UInt64) {
        guard handler(token) != nil else { return }
        let index = Int(token & 0xffff_ffff)
        slots[index].handler = nil
        slots[index].generation &+= 1
        free.append(index)
    }

    func handler(_ token: UInt64) -> ((Readiness) -> Void)? {
        let index = Int(token & 0xffff_ffff)
        guard index < slots.count, slots[index].generation == UInt32(token >> 32) else { return nil }
        return slots[index].handler
    }
}
