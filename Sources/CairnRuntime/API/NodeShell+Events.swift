internal import CairnBase
internal import CairnLedger
internal import CairnWire

/// What of the chain is told as events.
extension NodeShell {
    func tellEvents(of chain: ChainShell) {
        chain.onVerdicts = { [events] verdicts, block in
            for verdict in verdicts { events.tell(.verdict, Self.describe(verdict, in: block)) }
        }
        chain.onBlock = { [events] block in
            events.tell(
                .block,
                [
                    "height": JSON(block.height.number), "block": .string(block.digest.description),
                    "root": .string(block.root.description), "epoch": JSON(block.epoch.number),
                    "view": JSON(block.view.number),
                    "time": .string(WallTime(millisecondsSince1970: block.time).rfc3339),
                    "proposer": .string(block.proposer.text), "transactions": JSON(block.transactionCount),
                ])
        }
    }

    private static func describe(_ verdict: Verdict, in block: Height) -> JSON {
        [
            "height": JSON(block.number), "challenged": JSON(verdict.height.number), "kind": .string("\(verdict.kind)"),
            "target": JSON(verdict.target), "partition": JSON(verdict.partition),
            "reasons": .array(verdict.reasons.list.map { .string("\($0)") }),
        ]
    }
}
