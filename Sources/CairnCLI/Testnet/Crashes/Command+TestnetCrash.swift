import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let cycles = Flag.integer(
        "cycles", "N", in: 1...1_000_000, "How often a node is killed; 20 unless told")

    static let testnetCrash = Command(
        path: ["testnet", "crash"],
        summary: "Kill nodes of a testnet again and again, and see that nothing is lost",
        text: [
            "While transfers come in, one validator after the other is killed without warning and started again. Each time "
                + "it is measured how long it takes until the node has read its disks, and from then until it has caught up "
                + "and votes. At the end all nodes are "
                + "stopped, and what is on their disks is compared: every transfer that a node said yes to must be in a "
                + "block, all chains must be the same, and no validator may have signed two things that contradict each "
                + "other.",
            "The testnet is started when it does not run. The last line begins with RESULT ok or RESULT failed.",
        ],
        flags: [cycles.declaration] + TestnetFlags.shape + TestnetFlags.place,
        examples: [
            Example("cairn testnet crash", "Kills a node twenty times."),
            Example("cairn testnet crash --cycles 500 --json", "Does so all night, for a script."),
        ],
        exits: [.failed, .unreachable, .conflict, .timedOut, .damaged],
        run: { session throws(Failure) in
            let wanted = Int(session.invocation[cycles] ?? 20)
            let start = try bringUp(session).start
            var run = try CrashRun(start, seed: start.testnet.manifest.seed)
            for count in 1...wanted {
                let cycle = try run.cycle()
                session.note("  \(count)/\(wanted) \(cycle.sentence)")
            }
            let isSettled = run.settle()
            _ = start.testnet.stop(within: .seconds(5))
            let verdict = try CrashVerdict(&run, isSettled: isSettled)
            session.answer(verdict.fields, verdict.text)
            return verdict.isGood ? .ok : .failed
        })
}

/// What a run came to.
struct CrashVerdict {
    let recoveries: [CrashRun.Recovery]
    let accepted: Int
    let unanswered: Int
    let isSettled: Bool
    let lost: Int
    let forks: Int
    let height: UInt64
    let votes: Int
    let contradictions: [String]

    init(_ run: inout CrashRun, isSettled: Bool) throws(Failure) {
        let testnet = run.start.testnet
        for index in run.validators { try run.readLog(of: index) }
        let chains = try ChainAudit(run.validators.map { testnet.home(of: testnet.manifest.nodes[$0]) })
        try run.readChain(chains)
        recoveries = run.recoveries
        accepted = run.traffic.accepted.count
        unanswered = run.traffic.unanswered
        self.isSettled = isSettled
        lost = try chains.lost(run.traffic.accepted).count
        forks = try chains.forks().count
        height = chains.height.number
        votes = run.votes.voteCount
        contradictions = run.votes.contradictions
    }

    /// How long a node may need, beyond reading its disks, until it votes again.
    static let bar = TimeSpan.seconds(2)

    private var lateCount: Int { recoveries.count { $0.back > Self.bar } }

    /// A run in which no node said yes to anything has shown nothing.
    var isGood: Bool { isSettled && accepted > 0 && lost == 0 && forks == 0 && contradictions.isEmpty }

    private func quantile(_ ppm: Int, _ span: (CrashRun.Recovery) -> TimeSpan) -> TimeSpan {
        let sorted = recoveries.map(span).sorted()
        return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, sorted.count * ppm / 1_000_000)]
    }

    private func line(_ name: String, _ span: (CrashRun.Recovery) -> TimeSpan) -> String {
        let (half, most) = (quantile(500_000, span), quantile(990_000, span))
        return "\(padded(name, to: 11))p50 \(half.milliseconds)  p99 \(most.milliseconds)  "
            + "max \(quantile(1_000_000, span).milliseconds) ms\n"
    }

    var text: String {
        line("replay", \.replay) + line("back", \.back)
            + "late       \(lateCount) of \(recoveries.count) came back more than \(Self.bar.seconds) after their replay\n"
            + "transfers  \(accepted) acknowledged, \(lost) lost, \(unanswered) answers lost with their node\n"
            + "chain      height \(height) on every node, \(forks) forks\n"
            + "votes      \(votes) read, \(contradictions.count) conflicting\n"
            + contradictions.prefix(20).map { "           \($0)\n" }.joined()
            + "RESULT \(isGood ? "ok" : "failed")  \(recoveries.count) cycles\n"
    }

    var fields: [JSON.Member] {
        [
            .init("cycles", JSON(recoveries.count)), .init("accepted", JSON(accepted)), .init("lost", JSON(lost)),
            .init("settled", .bool(isSettled)), .init("height", JSON(height)), .init("forks", JSON(forks)),
            .init("votes", JSON(votes)), .init("contradictions", .array(contradictions.map { .string($0) })),
            .init("replay_ms", spans(\.replay)), .init("back_ms", spans(\.back)), .init("late", JSON(lateCount)),
            .init("result", .string(isGood ? "ok" : "failed")),
        ]
    }

    private func spans(_ span: (CrashRun.Recovery) -> TimeSpan) -> JSON {
        [
            "p50": JSON(quantile(500_000, span).milliseconds), "p99": JSON(quantile(990_000, span).milliseconds),
            "max": JSON(quantile(1_000_000, span).milliseconds),
        ]
    }
}
