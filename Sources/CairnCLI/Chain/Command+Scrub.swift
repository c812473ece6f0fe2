import CairnBase
import CairnStore
import CairnWire

extension Command {
    static let chainScrub = Command(
        path: ["chain", "scrub"],
        summary: "Read a stopped node's chain and name every damaged row",
        text: [
            "Every block, receipt, verdict and entry is read and compared with the hash that was written with it, and the whole "
                + "state with the root that the newest block left. SQLite's own check does not see a flipped bit in a value.",
            "The exit code is 10 when something is damaged. Move chain.db away then: the node fetches the chain again, or "
                + "begins from a backup or a snapshot.",
        ],
        examples: [
            Example("cairn chain scrub", "Reads the chain of this user's node."),
            Example("cairn chain scrub --home ./n1 --json", "Reads another and prints the findings for a script."),
        ],
        exits: [.failed, .notFound, .conflict, .damaged],
        run: { session throws(Failure) in
            let home = try ChainHome(NodeFinder(session).home())
            try home.requireChain()
            session.note("reading \(home.database)")
            let (head, findings) = try storing { () throws(StoreError) in
                let store = try ChainStore(directory: home.path)
                return (store.head, try store.scrub())
            }
            let verdict = findings.isEmpty ? "nothing is damaged" : "\(findings.count) damaged rows"
            session.answer(
                [
                    .init("height", head.map { JSON($0.height.number) } ?? .null),
                    .init("state_root", head.map { .string($0.root.description) } ?? .null),
                    .init("damaged", .array(findings.map { .string($0) })),
                ],
                findings.map { $0 + "\n" }.joined() + "height \(head.map { "\($0.height)" } ?? "-")  \(verdict)\n")
            return findings.isEmpty ? .ok : .damaged
        })
}
