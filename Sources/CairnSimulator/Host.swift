import CairnBase

/// The machine under one process: its memory while it runs, its clock, its disk, and what waits for it.
public struct Host<Process: SimulatedProcess>: Sendable {
    public let id: ProcessID
    /// Nil while the process is down.
    public internal(set) var process: Process?
    /// Says the same as `process != nil`: asked at every effect, it must not touch a value of thousands of bytes.
    public internal(set) var isUp = false
    public internal(set) var incarnation: UInt32 = 0
    /// Why it refuses to run again, if it does.
    public internal(set) var haltedForGood: String?

    /// Kept down by the liveness phase because it is outside the core.
    var isFrozen = false
    var clock: LocalClock
    var disk: Disk
    /// Set by `compute` and by pauses; events that arrive earlier wait in `inbox`.
    var busyUntil = Instant.origin
    var inbox = Inbox<ProcessEvent<Process.Message>>()
    /// How many places between effects were passed, over all incarnations.
    var boundaries: UInt64 = 0
    var stops: UInt64 = 0
}

/// A first-in first-out queue that keeps its storage.
struct Inbox<Element: Sendable>: Sendable {
    private var elements: [Element] = []
    private var head = 0

    var isEmpty: Bool { head == elements.count }
    var count: Int { elements.count - head }

    mutating func append(_ element: Element) {
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard head < elements.count else { return nil }
        let element = elements[head]
        head += 1
        if head == elements.count {
            removeAll()
        } else if head > 1_024, head > elements.count / 2 {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    mutating func removeAll() {
        elements.removeAll(keepingCapacity: true)
        head = 0
    }
}
