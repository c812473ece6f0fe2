import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let once = Flag.switched("once", "Show one look and end, as for a script or a pipe")
    private static let interval = Flag.span("interval", "1s", "How long from look to look; 1s unless told")

    static let top = Command(
        path: ["top"],
        summary: "Watch what a running node does, with a line of its past for each",
        text: [
            "Blocks, peers, traffic, requests, and what the process takes of the machine, per second. On a terminal the picture "
                + "stays in its place until Ctrl-C; elsewhere each look is printed below the last one."
        ],
        flags: [once.declaration, interval.declaration],
        examples: [
            Example("cairn top", "Watches the node of this user."),
            Example("cairn --node n1 top --once --json", "Measures node n1 for a second, for a script."),
        ],
        exits: [.failed, .unreachable, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            let span = session.invocation[interval] ?? .seconds(1)
            var history = TopHistory()
            history.add(try client.metrics(), at: Clock.monotonic())
            while true {
                pause(span)
                history.add(try client.metrics(), at: Clock.monotonic())
                let report = try client.report()
                guard let now = history.rates.last else { continue }
                if session.out.isTerminal, !session.isJSON, !session.invocation.has(once) {
                    session.out.write("\u{1b}[H\u{1b}[2J")
                }
                session.answer(fields(report, now), text(report, now, history.rates, session))
                if session.invocation.has(once) { return .ok }
            }
        })

    private static func fields(_ report: NodeReport, _ now: TopHistory.Rate) -> [JSON.Member] {
        [
            .init("name", .string(report.name)), .init("ready", .bool(report.isReady)),
            .init("height", JSON(now.height)), .init("epoch", JSON(now.epoch)), .init("peers", JSON(now.peers)),
            .init("pool", JSON(now.pool)), .init("memory_bytes", JSON(now.memory)),
            .init("cpu_permille", JSON(now.cpu)), .init("blocks_per_1000_s", JSON(now.blocks)),
            .init("bytes_per_s", JSON(now.bytes)), .init("requests_per_s", JSON(now.requests)),
        ]
    }

    private static func text(
        _ report: NodeReport, _ now: TopHistory.Rate, _ rates: [TopHistory.Rate], _ session: Session
    ) -> String {
        let isPlain = !session.showsBlocks
        func row(_ name: String, _ value: String, _ past: (TopHistory.Rate) -> UInt64, full: UInt64? = nil) -> String {
            let line = Sparkline.text(rates.map(past), full: full, plain: isPlain)
            return trimmed("\(padded(name, to: 10))  \(padded(value, to: 14))  \(line)") + "\n"
        }
        let verdict = report.isReady ? "ready" : report.reasons.joined(separator: ", ")
        return
            "cairn \(report.version)  \(report.name)  network \(report.network)  up \(report.uptime.rough)  \(verdict)\n"
            + row("height", "\(now.height)", \.height) + row("blocks/s", thousandths(now.blocks), \.blocks)
            + row("peers", "\(now.peers)", \.peers) + row("pool", "\(now.pool)", \.pool)
            + row("traffic", "\(now.bytes / 1_024) KiB/s", \.bytes) + row("requests/s", "\(now.requests)", \.requests)
            + row("cpu", "\(now.cpu / 10).\(now.cpu % 10) %", \.cpu, full: 1_000)
            + row("memory", "\(now.memory >> 20) MiB", \.memory)
    }

    private static func thousandths(_ number: UInt64) -> String {
        let fraction = "\(number % 1_000)"
        return "\(number / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}

extension NodeClient {
    /// What the node counts.
    func metrics() throws(Failure) -> MetricsText {
        MetricsText(String(decoding: try ask(.get, "/metrics").body, as: UTF8.self))
    }
}
