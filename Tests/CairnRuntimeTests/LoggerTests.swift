import CLinux
import CairnBase
import CairnThreads
import Glibc
import Testing

@testable import CairnRuntime

@Suite struct LoggerTests {
    /// A log with a clock that the test sets, and its lines.
    private final class Recording: Sendable {
        let lines = Guarded<[String]>([])
        let seconds = Guarded<UInt64>(0)
        /// Whether the destination takes nothing.
        let isStuck = Guarded(false)

        func output(_ change: (inout LogOutput.Options) -> Void = { _ in }) -> LogOutput {
            var options = LogOutput.Options()
            change(&options)
            return LogOutput(
                options,
                clock: {
                    let seconds = self.seconds.withLock { $0 }
                    let wall = WallTime(millisecondsSince1970: 1_795_197_123_114 + seconds * 1_000)
                    return (wall, .origin + .seconds(1 + seconds))
                },
                destination: { line in
                    guard !self.isStuck.withLock({ $0 }) else { return false }
                    self.lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
                    return true
                })
        }

        var text: [String] { lines.withLock { $0 } }
        func advance(seconds step: UInt64) { seconds.withLock { $0 += step } }
    }

    @Test func `text line`() {
        let recording = Recording()
        let log = recording.output().logger("consensus")
        log.info("committed", ["height": .ordinal(Height(184_220)), "txs": 14, "took": .span(.milliseconds(38))])
        #expect(
            recording.text == [
                "2026-11-20T17:52:03.114Z INFO  consensus  committed  height=184220 txs=14 took=38ms\n"
            ])
    }

    @Test func `JSON line`() {
        let recording = Recording()
        let log = recording.output { $0.format = .json }.logger("p2p")
        log.warn("peer left", ["why": "said \"no\"\n", "clean": false, "after": .span(.milliseconds(2)), "n": -3])
        #expect(
            recording.text == [
                #"{"time":"2026-11-20T17:52:03.114Z","level":"warn","subsystem":"p2p","message":"peer left","#
                    + #""why":"said \"no\"\n","clean":false,"after":2000,"n":-3}"# + "\n"
            ])
    }

    @Test func `values cannot break a line or steer a terminal`() {
        let recording = Recording()
        let log = recording.output().logger("api")
        log.info("seen", ["a": "x y", "b": "\u{1b}[31m\r\n", "c": "k=v", "d": "", "e": "\u{202e}é\\", "f": "\""])
        #expect(
            recording.text.first?.hasSuffix(
                #"  a="x y" b="\u001b[31m\r\n" c="k=v" d="" e="\u202eé\\" f="\"""# + "\n") == true)
    }

    @Test func `long values and lines are cut`() {
        let recording = Recording()
        let log = recording.output().logger("api")
        var fields: LogFields = [:]
        for number in 0..<100 { fields.append("f\(number)", .text(String(repeating: "z", count: 5_000))) }
        log.info("long", fields)
        #expect(recording.text[0].utf8.count < LogLine.lineLimit + LogLine.valueLimit + 64)
        #expect(recording.text[0].contains("zz… f1=\"z") == false)
        #expect(recording.text[0].contains("…"))
    }

    @Test func `levels per subsystem, changed while running, and no work when off`() throws {
        let recording = Recording()
        let filter = try LogFilter(parsing: "warn,p2p=debug")
        let output = recording.output { $0.filter = filter }
        let (api, p2p) = (output.logger("api"), output.logger("p2p"))
        func costly() -> LogFields {
            Issue.record("fields of a line that is off are not built")
            return [:]
        }
        api.info("hidden", costly())
        p2p.trace("hidden", costly())
        p2p.debug("shown")
        output.apply(try LogFilter(parsing: "info"))
        p2p.debug("hidden", costly())
        api.info("shown")
        #expect(recording.text.map { $0.contains("shown") } == [true, true])
    }

    @Test(arguments: [
        "", "loud", "info,", "info,p2p", "info,=debug", "p2p=", "info,P2P=debug", "a=b=info", "info,p 2=info",
    ])
    func `refuses a malformed filter`(text: String) {
        #expect(throws: LogFilterError.self) { try LogFilter(parsing: text) }
    }

    @Test func `repeats are folded and told`() {
        let recording = Recording()
        let output = recording.output()
        let log = output.logger("p2p")
        for _ in 0..<219 { log.warn("bad datagram", ["from": "192.0.2.1:9"]) }
        log.warn("another thing")
        #expect(recording.text.count == 6)
        recording.advance(seconds: 59)
        output.tellFolded()
        #expect(recording.text.count == 6)
        recording.advance(seconds: 1)
        output.tellFolded()
        #expect(recording.text.count == 7)
        #expect(
            recording.text.last == "2026-11-20T17:53:03.114Z WARN  p2p        bad datagram … 214 similar in 60 s\n")
        log.warn("bad datagram")
        #expect(recording.text.count == 8)
    }

    @Test func `what is folded is told at the end`() {
        let recording = Recording()
        let output = recording.output()
        for _ in 0..<7 { output.logger("x").error("broken") }
        output.tellFolded(everything: true)
        #expect(recording.text.last?.hasSuffix("broken … 2 similar in 0 s\n") == true)
    }

    @Test func `folding remembers a bounded number of messages`() {
        var folding = LogFolding()
        for number in 0..<2_000 {
            let key = LogFolding.Key(subsystem: "x", message: "m\(number)")
            for _ in 0..<10 { _ = folding.admits(key, .warn, at: .origin) }
        }
        #expect(folding.expire(at: .origin, everything: true).count == LogFolding.capacity)
    }

    @Test func `journal priorities`() {
        let recording = Recording()
        let output = recording.output { $0.priorityPrefix = true }
        output.logger("x").error("broken")
        output.logger("x").info("fine")
        #expect(recording.text.map { String($0.prefix(3)) } == ["<3>", "<6>"])
    }

    @Test func `lines that nobody takes are counted and told of`() {
        let recording = Recording()
        let log = recording.output().logger("x")
        recording.isStuck.withLock { $0 = true }
        for _ in 0..<3 { log.info("unheard") }
        recording.isStuck.withLock { $0 = false }
        log.info("heard")
        log.info("heard")
        #expect(recording.text.map { $0.contains("lines were lost  count=3") } == [true, false, false])
        #expect(recording.text.dropFirst().allSatisfy { $0.contains("heard") })
    }

    @Test(arguments: [false, true])
    func `a reader that stands still does not stop the writer`(isSocket: Bool) throws {
        var ends: [Int32] = [0, 0]
        #expect((isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : pipe(&ends)) == 0)
        let reader = FileDescriptor(ends[0])
        let writer = FileDescriptor(ends[1])
        let done = try FileDescriptor("eventfd", clinux_eventfd())
        let (target, bell) = (writer.raw, done.raw)
        let refused = Guarded(0)
        let thread = try TestThread {
            let line = [UInt8](repeating: 0x78, count: 4_096)
            for _ in 0..<1_000 where !writeAtOnce(line, to: target) { refused.withLock { $0 += 1 } }
            _ = clinux_eventfd_signal(bell)
        }
        let finished = clinux_poll_one(done.raw, UInt32(CLINUX_READABLE), 10_000_000_000)
        #expect(finished == 1, "the writer waits for its reader")
        // Lets a writer that does wait end.
        _ = consume reader
        thread.join()
        #expect(refused.withLock { $0 } > 0)
    }

    @Test func `lines of many threads do not mix`() throws {
        let recording = Recording()
        let log = recording.output().logger("x")
        let threads = try (0..<4).map { index in
            try TestThread { for _ in 0..<20 { log.info("line", ["thread": .count(index)]) } }
        }
        threads.forEach { $0.join() }
        #expect(recording.text.count == 80)
        #expect(recording.text.allSatisfy { $0.hasSuffix("\n") && $0.contains("line  thread=") })
    }
}

@Suite struct LogMemoryTests {
    @Test func `keeps the newest lines within its limits, by number`() {
        var memory = LogMemory()
        var all: [String] = []
        for number in 0..<7_000 {
            all.append("line \(number)")
            memory.add(Array("line \(number)\n".utf8))
            guard number % 499 == 0 else { continue }
            let kept = all.suffix(LogMemory.lineLimit)
            #expect(memory.next == UInt64(all.count))
            #expect(memory.lines(from: 0, limit: .max) == Array(kept))
            #expect(memory.lines(from: 0, limit: 3) == Array(all.suffix(3)))
            #expect(memory.lines(from: memory.next, limit: 9).isEmpty)
            #expect(memory.lines(from: memory.next - 1, limit: 9) == [all[number]])
        }
        let large = [UInt8](repeating: UInt8(ascii: "x"), count: 100 << 10)
        for _ in 0..<9 { memory.add(large) }
        #expect(memory.lines(from: 0, limit: .max).count == 5)
    }
}
