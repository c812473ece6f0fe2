import CairnBase
import CairnLedger
import CairnStore
import CairnWire

extension Noun {
    static let proofs = Noun(
        name: "proofs", summary: "See what was proven, and what was not", commands: [.proofsList, .proofsShow])
}

extension Command {
    static let proofsList = Command(
        path: ["proofs", "list"],
        summary: "List verdicts with their reasons",
        text: [
            "The newest first, of one resource or of all. A verdict is the contribution proof: what a challenge showed, as the "
                + "validators ordered it. One that was not adopted changes nothing. cairn why REASON says what a reason means."
        ],
        arguments: [
            Argument(
                name: "RESOURCE", summary: "A resource's id, or its start; all unless told", value: .text("RESOURCE"),
                isRequired: false)
        ],
        flags: ChainFlags.paged,
        examples: [
            Example("cairn proofs", "Shows the newest hundred."),
            Example("cairn proofs list b2cffc9b --limit 5 --json", "Shows five of that resource, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let (chain, page) = (try session.chain(), session.page)
            var wanted: ResourceID?
            if let text = session.invocation.argument(0) { wanted = try chain.resource(text).id }
            let verdicts = try chain.read { [wanted] reader throws(StoreError) in
                try reader.verdicts(of: wanted, page: page)
            }
            var table = TextTable(
                ["BLOCK", "CHALLENGED", "RESOURCE", "CHALLENGE", "WITNESSES", "RESULT"], right: [0, 1, 4])
            for verdict in verdicts {
                table.add([
                    "\(verdict.block)", "\(verdict.challenged)", verdict.resource.map(session.shown) ?? "nobody",
                    "\(verdict.kind)", "\(verdict.witnesses)", verdict.words,
                ])
            }
            session.answer(
                [
                    .init("resource", wanted.map { .string($0.description) } ?? .null),
                    .init("verdicts", .array(verdicts.map(\.json))),
                ], verdicts.isEmpty ? "no verdicts are kept\n" : table.text(session.style))
            return .ok
        })
}
