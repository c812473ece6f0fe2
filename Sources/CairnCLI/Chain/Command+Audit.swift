import CairnBase
import CairnCrypto
import CairnLedger
import CairnRuntime
import CairnStore
import CairnWire

extension Command {
    private static let replay = Flag.switched("replay", "Run every block again from genesis, with all signatures")

    static let chainAudit = Command(
        path: ["chain", "audit"],
        summary: "Check everything that must be true of the chain",
        text: [
            "Reads every block, receipt, verdict and entry of the state against its check, and the state against its "
                + "invariants: all tokens together are the cap (I1), none is owed by an account (I3), what objects paid and "
                + "have left is what was deposited (I5), rewards and carries are the pools (I7), each verdict waits to be paid "
                + "once (I8), parameters are within bounds (I11), usage pay is (I12). The state root is computed anew and must "
                + "be the one in the newest block.",
            "With --replay the chain is run again from genesis: every signature, every root (I10), and that each block makes "
                + "and loses no token (I1), lets burned tokens back only as the rules say (I2) and lets no count fall (I6).",
            "The node may run meanwhile. The exit code is 10 when something is wrong; each finding says what.",
        ],
        flags: [replay.declaration],
        examples: [
            Example("cairn chain audit", "Audits the chain of this home."),
            Example("cairn --home n1 chain audit --replay --json", "Runs that of n1 again, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            var audit = ChainAuditReport()
            try audit.readRows(chain)
            try audit.readState(chain)
            if session.invocation.has(replay) { try audit.replay(chain, session) }
            var facts = Facts()
            facts.add("height", chain.height.number)
            facts.add("root", chain.root.description)
            facts.add("blocks", audit.blocks)
            facts.add("transactions", audit.transactions)
            facts.add("verdicts", audit.verdicts)
            facts.add("entries", audit.entries)
            if session.invocation.has(replay) { facts.add("replayed", audit.replayed) }
            facts.add("findings", .array(audit.findings.map { .string($0) }))
            let verdict =
                audit.findings.isEmpty
                ? session.style.paint("everything holds", .green) + "\n"
                : audit.findings.map { session.style.paint("wrong", .red) + "  \($0)\n" }.joined()
            session.answer(facts.members, facts.text + verdict)
            return audit.findings.isEmpty ? .ok : .damaged
        })
}

/// What an audit of a chain has looked at, and what it found.
private struct ChainAuditReport {
    var blocks = 0, transactions = 0, verdicts = 0, entries = 0, replayed: UInt64 = 0
    var findings: [String] = []

    /// Enough to see what is wrong; a file that is damaged all over is not listed row by row.
    private static let findingsMax = 100

    mutating func readRows(_ chain: ChainView) throws(Failure) {
        var height = Height.genesis
        while height <= chain.height, findings.count < Self.findingsMax {
            let counts = try noting { () throws(StoreError) in
                (
                    try chain.reader.block(at: height) == nil ? 0 : 1, try chain.reader.receipts(at: height).count,
                    try chain.reader.verdicts(at: height).count
                )
            }
            blocks += counts?.0 ?? 0
            transactions += counts?.1 ?? 0
            verdicts += counts?.2 ?? 0
            height = height.next
        }
    }

    mutating func readState(_ chain: ChainView) throws(Failure) {
        guard let all = try noting({ () throws(StoreError) in try chain.reader.entries(of: nil) }) else { return }
        entries = all.count
        findings += audit(all).map { "\($0)" }
        do throws(StateError) {
            let root = try StateTree(Blake2b()).apply(all, to: MemoryState()).root
            if root != chain.root {
                findings.append("the state has root \(root), block \(chain.height) has \(chain.root)")
            }
        } catch {
            findings.append("\(error)")
        }
    }

    mutating func replay(_ chain: ChainView, _ session: Session) throws(Failure) {
        guard var replay = try noting({ () throws(StoreError) in try ChainReplay(chain.reader) }) else { return }
        while replay.height < chain.height, findings.count < Self.findingsMax {
            guard let found = try noting({ () throws(StoreError) in try replay.advance() }) else { return }
            guard let found else {
                throw Failure(
                    .notOnChain, "block \(replay.height.next) is not kept here, so the chain cannot be run again",
                    do: Hint("cairn chain audit", "audits what is here"))
            }
            findings += found
            replayed = replay.height.number
            if replayed.isMultiple(of: 10_000) { session.note("block \(replayed) of \(chain.height)") }
        }
    }

    /// Damage is what an audit looks for; any other error ends it.
    private mutating func noting<Value>(
        _ read: () throws(StoreError) -> Value
    ) throws(Failure) -> Value? {
        do throws(StoreError) {
            return try read()
        } catch {
            guard case .damaged(let row) = error else { throw Failure(error) }
            findings.append("damaged: \(row)")
            return nil
        }
    }
}
