import CairnBase

/// What happens next: a binary heap keyed by time, then by the order of scheduling.
///
/// Heap entries are three words; payloads lie in a slab whose slots are reused, so that a run in its steady state
/// allocates nothing here and sifting never moves a message.
struct Scheduler<Payload> {
    private struct Entry {
        var time: UInt64
        var tie: UInt64
        var slot: Int

        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : tie < other.tie
        }
    }

    private var heap: [Entry] = []
    private var slots: [Payload?] = []
    private var free: [Int] = []
    private var scheduled: UInt64 = 0

    var count: Int { heap.count }
    var nextTime: Instant? { heap.isEmpty ? nil : Instant(nanoseconds: heap[0].time) }

    mutating func schedule(_ payload: consuming Payload, at time: Instant) {
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = consume payload
        } else {
            slot = slots.count
            slots.append(consume payload)
        }
        scheduled += 1
        heap.append(Entry(time: time.nanoseconds, tie: scheduled, slot: slot))
        siftUp(heap.count - 1)
    }

    /// Takes the earliest event out, unless it is later than `limit`.
    mutating func next(notAfter limit: Instant) -> (time: Instant, payload: Payload)? {
        guard let first = heap.first, first.time <= limit.nanoseconds, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            siftDown(0)
        }
        var taken: Payload?
        swap(&taken, &slots[first.slot])
        free.append(first.slot)
        invariant(taken != nil, "a scheduled slot holds a payload")
        return taken.map { (Instant(nanoseconds: first.time), $0) }
    }

    /// Gives events a new time where `newTime` answers one. Ties keep their order.
    mutating func reschedule(_ newTime: (Payload) -> Instant?) {
        for index in heap.indices {
            guard let payload = slots[heap[index].slot], let time = newTime(payload) else { continue }
            heap[index].time = time.nanoseconds
        }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        let entry = heap[index]
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        let entry = heap[index]
        let count = heap.count
        while true {
            var child = 2 * index + 1
            guard child < count else { break }
            if child + 1 < count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(entry) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = entry
    }
}
