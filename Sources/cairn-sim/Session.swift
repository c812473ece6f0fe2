import CairnBase
import CairnSimulator
import Glibc

/// The seeds of one command: totals, and the story of the first failure.
struct Session {
    let arguments: SimulateArguments
    let entry: Catalogue.Entry
    private(set) var violations = 0
    private var seeds: UInt64 = 0
    private var events: UInt64 = 0
    private var faults: [FaultKind: UInt64] = [:]
    private var simulated = TimeSpan.zero
    private var trace = TraceHash()
    private var notes = Notes()
    private let watch = Stopwatch()

    init(arguments: SimulateArguments, entry: Catalogue.Entry) {
        self.arguments = arguments
        self.entry = entry
    }

    mutating func run() {
        var seed = arguments.seed
        var only: TraceHash?
        while mayGoOn {
            let report = entry.run(arguments.request(seed: seed))
            count(report)
            only = report.trace
            if let violation = report.violation {
                violations += 1
                explain(report, violation)
            } else if arguments.runsTwice {
                compare(report, entry.run(arguments.request(seed: seed)))
            }
            seed &+= 1
        }
        // One seed shows its own trace; several show the trace of their traces.
        if seeds == 1, let only { trace = only }
        missSometimes()
        summarise()
    }

    private var mayGoOn: Bool {
        if violations > 0 { return false }
        if let limit = arguments.forSeconds { return watch.milliseconds < limit * 1_000 }
        return seeds < arguments.seeds
    }

    private mutating func count(_ report: Report) {
        seeds += 1
        events += report.events
        simulated = simulated + report.simulated
        notes.add(report.notes)
        for count in report.faultCounts { faults[count.kind, default: 0] += count.count }
        trace.absorb(Array(report.trace.description.utf8))
    }

    private mutating func compare(_ first: Report, _ second: Report) {
        guard first.trace != second.trace else { return }
        violations += 1
        print("FAIL \(entry.name) seed \(first.seed): two runs differ: \(first.trace) and \(second.trace)")
        print("  replay  \(arguments.replayCommand(seed: first.seed)) --twice")
    }

    /// Enough seeds as they come must have reached what the protocol is tried for.
    private mutating func missSometimes() {
        let (wanted, within) = entry.sometimes
        guard violations == 0, seeds >= within, arguments.plantedBug == nil, arguments.selection == .all,
            arguments.servers == nil, arguments.safety == nil
        else { return }
        for name in wanted where notes[name].count == 0 {
            violations += 1
            print("FAIL \(entry.name): no seed of \(seeds) reached \(name)")
        }
    }

    // MARK: - A failure

    private func explain(_ report: Report, _ violation: Violation) {
        let at = (report.violatedAt ?? .origin).nanoseconds / 1_000_000
        print("FAIL \(entry.name) seed \(report.seed) after \(report.events) events, \(at) ms")
        print("  rule    \(violation)")
        print("  options \(report.options)")
        print("  faults  \(faultSummary(report.faultCounts.map { ($0.kind, $0.count) }))")
        print("  replay  \(arguments.replayCommand(seed: report.seed))")
        var request = arguments.request(seed: report.seed)
        if arguments.shrinks, let result = Shrinker.shrink(entry, request) {
            let adverb = result.isMinimal ? "smallest failing set" : "failing set when the budget ended"
            print(
                "  shrunk  \(result.originalCount) faults to \(result.faults.count) in \(result.runs) runs; \(adverb):")
            for fault in result.faults { print("    \(fault)") }
            let kept = Set(result.faults.map(\.fault)).sorted()
            print("  rule    \(result.violation)")
            print("  replay  \(arguments.replayCommand(seed: report.seed, only: kept))")
            request.selection = .only(Set(kept))
        }
        guard arguments.logsLast > 0 else { return }
        request.logsLast = arguments.logsLast
        print("  last events:")
        for line in entry.run(request).log.suffix(arguments.logsLast) { print("    \(line)") }
    }

    private func faultSummary(_ counts: [(FaultKind, UInt64)]) -> String {
        let parts = counts.filter { $0.1 > 0 }.map { "\($0.0.name) \($0.1)" }
        return parts.isEmpty ? "none" : parts.joined(separator: ", ")
    }

    // MARK: - Totals

    private func summarise() {
        let wall = watch.milliseconds
        if arguments.isJSON {
            print(
                "{\"protocol\":\"\(entry.name)\",\"seeds\":\(seeds),\"events\":\(events),"
                    + "\"violations\":\(violations),\"simulated_s\":\(Stopwatch.text(simulated.milliseconds)),"
                    + "\"wall_s\":\(Stopwatch.text(wall)),\"seeds_per_min\":\(perMinute(wall)),"
                    + "\"simulated_h_per_h\":\(speed(wall)),\"trace\":\"\(trace)\"}")
            return
        }
        let rate = wall > 0 ? events / wall * 1_000 : 0
        print(
            "\(entry.name): \(seeds) seeds from \(arguments.seed), \(events) events, \(violations) violations, "
                + "\(Stopwatch.text(simulated.milliseconds)) s simulated in \(Stopwatch.text(wall)) s (\(rate) events/s)"
        )
        print("speed: \(perMinute(wall)) seeds/min, \(speed(wall)) simulated hours per wall hour")
        print("faults: \(faultSummary(FaultKind.allCases.map { ($0, faults[$0] ?? 0) }))")
        for name in notes.names {
            let figure = notes[name]
            print("  \(name): \(figure.count) times, sum \(figure.sum), greatest \(figure.maximum)")
        }
        print("trace \(trace)")
    }

    private func perMinute(_ wall: UInt64) -> UInt64 { seeds * 60_000 / max(1, wall) }

    private func speed(_ wall: UInt64) -> UInt64 { simulated.milliseconds / max(1, wall) }
}

func exitProcess(_ code: Int32) -> Never {
    fflush(nil)
    exit(code)
}
