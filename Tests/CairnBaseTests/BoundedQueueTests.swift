import CairnBase
import Testing

@Suite struct BoundedQueueTests {
    @Test(arguments: [BoundedQueue<Int>.Overflow.dropOldest, .refuseNewest], [1, 2, 3, 5, 64])
    func behavesLikeAnArray(overflow: BoundedQueue<Int>.Overflow, capacity: Int) {
        var random = SeededRandom(seed: UInt64(capacity))
        var queue = BoundedQueue<Int>(capacity: capacity, overflow: overflow)
        var model: [Int] = []
        var dropped: UInt64 = 0
        for step in 0..<2_000 {
            if random.chance(ppm: 600_000) {
                var lost: Int?
                if model.count < capacity {
                    model.append(step)
                } else {
                    dropped += 1
                    lost = overflow == .dropOldest ? model.removeFirst() : step
                    if overflow == .dropOldest { model.append(step) }
                }
                #expect(queue.append(step) == lost)
            } else {
                #expect(queue.popFirst() == (model.isEmpty ? nil : model.removeFirst()))
            }
            #expect(Array(queue) == model && queue.count == model.count && queue.first == model.first)
            #expect(queue.dropped == dropped && queue.isFull == (model.count == capacity))
        }
    }

    @Test func emptyingIsNotDropping() {
        var queue = BoundedQueue<Int>(capacity: 2, overflow: .refuseNewest)
        queue.append(1)
        queue.removeAll()
        #expect(queue.isEmpty && queue.dropped == 0)
        queue.append(2)
        #expect(Array(queue) == [2])
    }

    @Test func equalityIsAboutContents() {
        var left = BoundedQueue<Int>(capacity: 4, overflow: .dropOldest)
        var right = left
        for value in 0..<4 { left.append(value) }
        for value in -2..<4 { right.append(value) }
        #expect(left == right)
        right.append(4)
        #expect(left != right)
    }

    @Test func aQueueWithoutRoomIsOurMistake() async {
        await #expect(processExitsWith: .failure) {
            _ = BoundedQueue<Int>(capacity: 0, overflow: .dropOldest)
        }
    }
}
