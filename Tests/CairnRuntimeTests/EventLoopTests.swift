import CairnBase
import Glibc
import Synchronization
import Testing

@testable import CairnRuntime

@Suite struct EventLoopTests {
    @Test func `timers fire in order and see one time per turn`() throws {
        let run = try LoopRun()
        var fired: [Int] = []
        run.loop.after(.milliseconds(3)) { fired.append(3) }
        run.loop.after(.milliseconds(1)) { fired.append(1) }
        let cancelled = run.loop.after(.milliseconds(2)) { fired.append(2) }
        run.loop.cancel(cancelled)
        let began = run.loop.now
        run.loop.after(.milliseconds(4)) {
            #expect(run.loop.now.since(began) >= .milliseconds(4))
            run.finish()
        }
        try run.run()
        #expect(fired == [1, 3])
    }

    @Test func `a timer set for now waits for the next turn`() throws {
        let run = try LoopRun()
        var turns: [UInt64] = []
        func again() {
            turns.append(run.loop.turns)
            if turns.count == 3 { run.finish() } else { run.loop.after(.zero, again) }
        }
        run.loop.after(.zero, again)
        try run.run()
        #expect(turns == [turns[0], turns[0] + 1, turns[0] + 2])
    }

    @Test func `the end of a turn comes after its timers`() throws {
        let run = try LoopRun()
        var order: [String] = []
        run.loop.atEndOfTurn { order.append("end") }
        run.loop.after(.zero) {
            order.append("timer")
            run.finish()
        }
        try run.run()
        #expect(order.suffix(2) == ["timer", "end"])
    }

    @Test func `whoever sends again when flushed waits for the next turn`() throws {
        final class Talker: Flushable {
            let run: LoopRun
            var turns: [UInt64] = []

            init(_ run: LoopRun) { self.run = run }

            func flush() {
                turns.append(run.loop.turns)
                if turns.count == 3 { run.finish() } else { run.loop.flushLater(self) }
            }
        }
        let run = try LoopRun()
        let talker = Talker(run)
        run.loop.flushLater(talker)
        try run.run()
        #expect(talker.turns == [1, 2, 3])
    }

    @Test func `other threads reach the loop through a bounded mailbox`() throws {
        let run = try LoopRun()
        var sum: UInt64 = 0
        var count = 0
        let mailbox = run.loop.mailbox(capacity: 8) { (number: UInt64) in
            sum += number
            count += 1
            if count == 4_000 { run.finish() }
        }
        let threads = try (0..<4).map { index in
            try TestThread {
                for number in 1...1_000 as ClosedRange<UInt64> {
                    while !mailbox.post(number * (1 + UInt64(index))) { sched_yield() }
                }
            }
        }
        try run.run()
        threads.forEach { $0.join() }
        #expect(sum == 500_500 * 10)
    }

    @Test func `a full mailbox refuses`() throws {
        let run = try LoopRun()
        var received: [Int] = []
        let mailbox = run.loop.mailbox(capacity: 2) { received.append($0) }
        #expect([mailbox.post(1), mailbox.post(2), mailbox.post(3)] == [true, true, false])
        run.loop.after(.milliseconds(1)) { run.finish() }
        try run.run()
        #expect(received == [1, 2])
    }

    @Test func `signals become calls on the loop`() throws {
        let run = try LoopRun()
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        var received: [SignalRequest] = []
        let source = try SignalSource(on: run.loop) { request in
            received.append(request)
            if received.count == 3 { run.finish() }
        }
        // raise() addresses this thread alone, which runs the loop.
        for signal in [SIGHUP, SIGINT, SIGTERM] { run.loop.after(.zero) { raise(signal) } }
        try run.run()
        #expect(Set(received) == [.reload, .stop])
        _ = source
    }

    @Test func `a loop used by another thread stops the process`() async {
        await #expect(processExitsWith: .failure) {
            let box = UncheckedBox(try EventLoop())
            try TestThread { box.value.stop() }.join()
        }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_827_696_789, "2000-02-29T12:34:56.789Z", "Tue, 29 Feb 2000 12:34:56 GMT"),
            (1_795_197_123_114, "2026-11-20T17:52:03.114Z", "Fri, 20 Nov 2026 17:52:03 GMT"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z", "Sun, 28 Feb 2100 23:59:59 GMT"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
        ] as [(UInt64, String, String)])
    func `prints calendar time`(milliseconds: UInt64, rfc3339: String, http: String) {
        let time = WallTime(millisecondsSince1970: milliseconds)
        #expect(time.rfc3339 == rfc3339)
        #expect(time.httpDate == http)
    }
}

/// Lets a test break thread confinement on purpose.
struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// A plain thread, for tests that need a second one.
struct TestThread {
    private let thread: pthread_t

    init(_ body: @escaping @Sendable () throws -> Void) throws {
        final class Box {
            let body: @Sendable () throws -> Void;
            init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Box(body)).toOpaque()
        let result = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                do { try Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() } catch { Issue.record(error) }
                return nil
            }, context)
        try #require(result == 0)
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }
}
