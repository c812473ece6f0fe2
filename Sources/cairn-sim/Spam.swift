import CairnConsensus
import CairnSimulator
import Glibc

/// `spam`: what a core holds while a third of its committee and a thousand strangers try to make it hold more.
struct Spam {
    static let usage = """
        usage: scripts/simulate spam [--minutes N] [--seed N] [--json]

          One core in a committee of a hundred that agrees on a block a second. Thirty-three members say ten times as much as
          they should, a thousand strangers ask, claim and repeat once a second each; all of it well signed. Prints what the
          core holds and the process's memory after each minute. Fails when memory grows after the first minute by more
          than 4 MiB.

          --minutes N     simulated minutes (default 10)
          --seed N        (default 1)
        """

    private static let growthLimit: UInt64 = 4 << 20

    private let told: CountedArguments

    init(_ words: [String]) throws(StudyArguments.Refusal) {
        told = try CountedArguments(words, "--minutes", in: 2...10_000, unlessTold: 10)
    }

    func run() -> Int32 {
        let watch = Stopwatch()
        var study = SpamStudy(seed: told.seed)
        var memory: [UInt64] = []
        var messages: UInt64 = 0
        for number in 1...told.count {
            let minute = study.minute()
            messages += minute.messages
            memory.append(residentBytes())
            if !told.isJSON { print(line(number, minute, memory[number - 1])) }
        }
        let growth = (memory.dropFirst().max() ?? 0) - min(memory[0], memory.dropFirst().max() ?? 0)
        let isFlat = growth <= Self.growthLimit
        print(
            told.isJSON
                ? "{\"study\":\"spam\",\"minutes\":\(told.count),\"messages\":\(messages),\"growth_kib\":\(growth >> 10),"
                    + "\"limit_kib\":\(Self.growthLimit >> 10),\"ok\":\(isFlat),\"wall_s\":\(watch.seconds)}"
                : "spam: \(messages) messages in \(told.count) minutes; memory grew by \(growth >> 10) KiB after the first "
                    + "(limit \(Self.growthLimit >> 10)), in \(watch.seconds) s")
        return isFlat ? 0 : 1
    }

    private func line(_ number: Int, _ minute: SpamStudy.Span, _ memory: UInt64) -> String {
        "minute \(number): \(minute.messages) messages, final view \(minute.floor); at most \(minute.most.views) views, "
            + "\(minute.most.tallies) tallies, \(minute.most.blocks) blocks held; "
            + "\(minute.counters.unanswered) requests left unanswered so far; "
            + "memory \(memory >> 10) KiB"
    }
}

/// Of this process, as the kernel counts it.
private func residentBytes() -> UInt64 {
    let file = open("/proc/self/statm", O_RDONLY)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 128)
    let count = read(file, &bytes, bytes.count)
    guard count > 0 else { return 0 }
    let fields = bytes.prefix(count).split(separator: UInt8(ascii: " "))
    let pages = fields.count > 1 ? fields[1].reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) } : 0
    return pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
}
