import CairnBase
import Testing

@testable import CairnRuntime

@Suite struct TimerQueueTests {
    /// The same operations on the heap and on a plain sorted list must fire the same timers in the same order.
    @Test(arguments: 0..<16 as Range<UInt64>)
    func `agrees with a sorted list`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = TimerQueue<Int>()
        var model: [(deadline: UInt64, payload: Int)] = []
        var ids: [(id: TimerID, payload: Int)] = []
        var now: UInt64 = 0
        for payload in 0..<1_500 {
            switch random.below(8) {
            case 0...3:
                let deadline = now + random.below(50)
                ids.append((queue.add(payload, at: Instant(nanoseconds: deadline)), payload))
                // Equal deadlines keep their order of setting.
                let place = model.firstIndex { $0.deadline > deadline } ?? model.endIndex
                model.insert((deadline, payload), at: place)
            case 4...5 where !ids.isEmpty:
                let (id, cancelled) = ids.remove(at: Int(random.below(UInt64(ids.count))))
                queue.cancel(id)
                queue.cancel(id)
                model.removeAll { $0.payload == cancelled }
            default:
                now += random.below(12)
                while let payload = queue.popDue(at: Instant(nanoseconds: now)) {
                    #expect(model.first?.payload == payload)
                    #expect(model.removeFirst().deadline <= now)
                    ids.removeAll { $0.payload == payload }
                }
                #expect(model.first.map { $0.deadline > now } ?? true)
            }
            #expect(queue.count == model.count)
            #expect(queue.nextDeadline()?.nanoseconds == model.first?.deadline)
            #expect(queue.heapCount <= max(64, 2 * queue.count + 1))
        }
    }
}
