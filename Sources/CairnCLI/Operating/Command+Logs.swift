import CairnBase
import CairnRuntime
import CairnWire

extension Command {
    private static let follow = Flag.switched("follow", short: "f", "Go on showing lines as they are written")
    private static let lines = Flag.integer("lines", "N", in: 0...2_000, "How many lines to begin with; 50 unless told")

    static let logs = Command(
        path: ["logs"],
        summary: "Show the log lines of a running node",
        text: [
            "The node keeps its newest 2,000 lines, so they are seen wherever its standard error went. Those of a whole "
                + "testnet in one stream: cairn testnet logs."
        ],
        flags: [follow.declaration, lines.declaration],
        examples: [
            Example("cairn logs --lines 10", "Shows the last lines of the node of this user."),
            Example("cairn --node n2 logs -f --json", "Prints a document for each new line of another."),
        ],
        exits: [.failed, .unreachable, .timedOut, .interrupted],
        run: { session throws(Failure) in
            let client = try NodeFinder(session).find()
            var (from, limit) = (UInt64(0), session.invocation[lines] ?? 50)
            while true {
                let document = try client.document(client.ask(.get, "/v1/logs?from=\(from)&limit=\(limit)"))
                guard let next = document["next"]?.integer(UInt64.self), let found = document["lines"]?.array else {
                    throw client.strange("/v1/logs lacks a field")
                }
                for line in found.compactMap(\.string) {
                    session.answer([.init("line", .string(line))], line + "\n")
                }
                guard session.invocation.has(follow) else { return .ok }
                // A node that started anew counts from zero again.
                (from, limit) = (next, 2_000)
                pause(.milliseconds(200))
            }
        })
}
