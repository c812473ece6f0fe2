import CairnBase
import Testing

@testable import CairnSimulator

@Suite struct LocalClockTests {
    private func clock(drift: Int64, at now: Instant = .origin) -> LocalClock {
        LocalClock(
            bootedAt: now, origin: Instant(nanoseconds: 77), driftPPM: drift, unixOffsetMilliseconds: -5)
    }

    @Test(arguments: [-500, -1, 0, 1, 500] as [Int64])
    func noTimerFiresBeforeItsTime(drift: Int64) {
        let clock = clock(drift: drift)
        var random = SeededRandom(seed: 1)
        for _ in 0..<5_000 {
            let now = Instant(nanoseconds: random.below(1 << 50))
            let wait = random.below(1 << UInt64(1 + random.below(45)))
            let target = clock.reading(at: now).monotonic + TimeSpan(nanoseconds: wait)
            let due = clock.trueTime(of: target, now: now)
            #expect(clock.reading(at: due).monotonic >= target)
            let slack = wait / 1_000 + 10
            #expect(due.since(now).nanoseconds <= wait + slack)
        }
    }

    @Test func aFastClockRunsAheadByItsDrift() {
        let hour = Instant.origin + .seconds(3_600)
        let gained = clock(drift: 100).reading(at: hour).monotonic.since(clock(drift: 0).reading(at: hour).monotonic)
        #expect(gained == .milliseconds(360))
    }

    @Test func aLeapMovesMonotonicTimeAndAStepOnlyUnixTime() {
        var clock = clock(drift: 0)
        let now = Instant.origin + .seconds(1)
        let before = clock.reading(at: now)
        clock.leap(.seconds(60), at: now)
        #expect(clock.reading(at: now).monotonic == before.monotonic + .seconds(60))
        #expect(clock.reading(at: now).unixMilliseconds == before.unixMilliseconds)
        clock.stepUnix(byMilliseconds: -3_600_000)
        #expect(clock.reading(at: now).monotonic == before.monotonic + .seconds(60))
        #expect(clock.reading(at: now).unixMilliseconds == before.unixMilliseconds - 3_600_000)
    }

    @Test func whatIsDueFiresAtOnceAndNeverMeansNever() {
        let clock = clock(drift: 0)
        let now = Instant.origin + .seconds(5)
        #expect(clock.trueTime(of: .origin, now: now) == now)
        #expect(clock.trueTime(of: .distantFuture, now: now) == .distantFuture)
    }
}
