internal import CairnBase

/// Names one timer for as long as it is pending.
public struct TimerID: Sendable, Hashable {
    let number: UInt64
}

/// Pending timers in a binary heap, earliest first; equal deadlines fire in the order they were set.
///
/// Cancelling only forgets the payload; its heap entry is dropped when it comes up, or when such entries outnumber the
/// live ones. Setting and cancelling a timer per connection therefore stays cheap and the heap stays bounded.
struct TimerQueue<Payload> {
    private struct Entry {
        let deadline: Instant
        let number: UInt64

        static func < (left: Entry, right: Entry) -> Bool {
            left.deadline != right.deadline ? left.deadline < right.deadline : left.number < right.number
        }
    }

    private var heap: [Entry] = []
    private var payloads: [UInt64: Payload] = [:]
    /// How many timers were ever set.
    private(set) var lastNumber: UInt64 = 0

    var count: Int { payloads.count }
    /// Heap entries, live and cancelled: what the memory is spent on.
    var heapCount: Int { heap.count }

    mutating func add(_ payload: Payload, at deadline: Instant) -> TimerID {
        lastNumber += 1
        payloads[lastNumber] = payload
        heap.append(Entry(deadline: deadline, number: lastNumber))
        siftUp(heap.count - 1)
        return TimerID(number: lastNumber)
    }

    /// Forgets a timer. One that has fired or was cancelled before is ignored.
    mutating func cancel(_ timer: TimerID) {
        guard payloads.removeValue(forKey: timer.number) != nil else { return }
        if heap.count > 64, heap.count > payloads.count * 2 { compact() }
    }

    /// When the earliest live timer is due.
    mutating func nextDeadline() -> Instant? {
        dropCancelled()
        return heap.first?.deadline
    }

    /// Takes the earliest timer if it is due at `now` and was among the first `limit` ever set.
    mutating func popDue(at now: Instant, amongFirst limit: UInt64 = .max) -> Payload? {
        dropCancelled()
        guard let first = heap.first, first.deadline <= now, first.number <= limit else { return nil }
        removeFirst()
        return payloads.removeValue(forKey: first.number)
    }

    private mutating func dropCancelled() {
        while let first = heap.first, payloads[first.number] == nil { removeFirst() }
    }

    private mutating func compact() {
        heap.removeAll { payloads[$0.number] == nil }
        // A sorted array is a heap.
        heap.sort(by: <)
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index] < heap[parent] else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < heap.count && heap[child] < heap[least] {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
