import CairnBase
import Testing

@testable import CairnSimulator

@Suite struct SchedulerTests {
    /// The model is an array sorted by time and then by order of scheduling.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func eventsComeInOrderOfTimeThenOfScheduling(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var scheduler = Scheduler<Int>()
        var model: [(time: UInt64, payload: Int)] = []
        for payload in 0..<2_000 {
            if random.below(3) < 2 {
                let time = random.below(50)
                scheduler.schedule(payload, at: Instant(nanoseconds: time))
                let place = model.firstIndex { $0.time > time } ?? model.count
                model.insert((time, payload), at: place)
            } else if let next = scheduler.next(notAfter: .distantFuture) {
                let expected = model.removeFirst()
                #expect(next.time.nanoseconds == expected.time)
                #expect(next.payload == expected.payload)
            }
            #expect(scheduler.count == model.count)
        }
    }

    @Test func nothingLaterThanTheLimitIsTaken() {
        var scheduler = Scheduler<Int>()
        scheduler.schedule(1, at: Instant(nanoseconds: 10))
        #expect(scheduler.next(notAfter: Instant(nanoseconds: 9)) == nil)
        #expect(scheduler.next(notAfter: Instant(nanoseconds: 10))?.payload == 1)
        #expect(scheduler.next(notAfter: .distantFuture) == nil)
    }

    @Test func rescheduledEventsMove() {
        var scheduler = Scheduler<Int>()
        for payload in 0..<100 { scheduler.schedule(payload, at: Instant(nanoseconds: UInt64(payload))) }
        scheduler.reschedule { $0.isMultiple(of: 2) ? Instant(nanoseconds: UInt64(1_000 - $0)) : nil }
        var order: [Int] = []
        while let next = scheduler.next(notAfter: .distantFuture) { order.append(next.payload) }
        #expect(order == (0..<100).filter { $0 % 2 == 1 } + (0..<100).filter { $0 % 2 == 0 }.reversed())
    }
}
