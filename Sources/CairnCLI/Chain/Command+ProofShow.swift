import CairnBase
import CairnLedger
import CairnNode
import CairnRuntime
import CairnStore
import CairnWire

extension Command {
    static let proofsShow = Command(
        path: ["proofs", "show"],
        summary: "Show one verdict whole: who was asked, who was drawn, who said what, and what it paid",
        text: [
            "A verdict is named by the block it stands in and the resource it is about, as proofs list shows both; of several "
                + "partitions there are several. Of each drawn witness the block keeps its place in the epoch's frozen set and what "
                + "it said. Who had that place the state keeps until the epoch is settled; afterwards the place is shown, and "
                + "--at, with a block before that, works it out again. The receipts themselves are off the chain."
        ],
        arguments: [
            Argument(
                name: "BLOCK", summary: "The height of the block that has the verdict",
                value: .integer("BLOCK", 0...UInt64.max)),
            Argument(name: "RESOURCE", summary: "The resource's id, or its start", value: .text("RESOURCE")),
        ],
        flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn proofs show 1204 b2cffc9b", "Shows who was drawn and what each said."),
            Example("cairn proofs show 1204 b2cffc9b --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let height = Height(UInt64(session.invocation.argument(0) ?? "") ?? 0)
            let (id, _) = try chain.resource(session.invocation.argument(1) ?? "")
            guard let verdicts = try chain.verdicts(in: height) else {
                throw Failure(.notOnChain, "the verdicts of block \(height) are not here, or kept no longer")
            }
            let shown = verdicts.filter { $0.stored.resource == id }
            guard !shown.isEmpty else {
                throw Failure(
                    .notOnChain, "block \(height) has no verdict on \(session.shown(id))",
                    do: Hint("cairn proofs list \(id.short)", "shows which blocks have"))
            }
            let proofs = try shown.map { verdict throws(Failure) in
                try ShownProof(of: id, verdict.stored, verdict.whole, on: chain)
            }
            session.answer(
                [
                    .init("resource", .string(id.description)), .init("block", JSON(height.number)),
                    .init("verdicts", .array(proofs.map(\.json))),
                ], proofs.map { $0.text(session) }.joined(separator: "\n"))
            return .ok
        })
}

extension ChainView {
    /// The verdicts of a block: what is kept for questions, beside what the block says of each. Nil where one of the two is
    /// kept no longer.
    func verdicts(in height: Height) throws(Failure) -> [(stored: StoredVerdict, whole: Verdict)]? {
        let (whole, stored) = try read { reader throws(StoreError) in
            (try reader.block(at: height)?.contents().verdicts, try reader.verdicts(at: height))
        }
        guard let whole, whole.isEmpty || !stored.isEmpty else { return nil }
        guard whole.count == stored.count else {
            throw Failure(.chainDamaged, "the verdicts of block \(height) are not those that are kept of it")
        }
        return Array(zip(stored, whole)).map { (stored: $0.0, whole: $0.1) }
    }
}

/// One verdict with everything around it that the chain keeps.
private struct ShownProof {
    let resource: ResourceID
    let stored: StoredVerdict
    let epoch: Epoch
    /// Whose words they are is nil once the epoch is settled.
    let witnesses: [(testimony: Testimony, resource: ResourceID?)]
    /// Nil where the epoch is not settled, or its rewards are kept no longer.
    let reward: Reward?

    init(
        of resource: ResourceID, _ stored: StoredVerdict, _ whole: Verdict, on chain: ChainView
    ) throws(Failure) {
        (self.resource, self.stored) = (resource, stored)
        let parameters = try chain.require(RecordKey<Parameters>.parameters)
        let epoch = parameters.epoch(of: stored.challenged)
        self.epoch = epoch
        witnesses = try whole.testimonies.map { testimony throws(Failure) in
            (testimony, try chain.load(RecordKey<FrozenResource>.frozen(epoch, testimony.place))?.id)
        }
        reward = try chain.load(RecordKey<Reward>.reward(epoch, resource))
    }

    var json: JSON {
        .object(
            (stored.json.object ?? []) + [
                .init("epoch", JSON(epoch.number)),
                .init("meanings", .array(stored.reasons.list.map { .string($0.meaning) })),
                .init("drawn", .array(witnesses.map { $0.testimony.json(by: $0.resource) })),
                .init("silent", JSON(witnesses.count { $0.testimony.isSilent })),
                .init("silent_are_kept", .bool(stored.kind.keepsTheSilent)),
                .init("epoch_total_units", reward.map { JSON($0.total.units) } ?? .null),
            ])
    }

    func text(_ session: Session) -> String {
        var facts = Facts()
        facts.add("resource", session.shown(resource))
        facts.add("challenged", "\(stored.kind), block \(stored.challenged), epoch \(epoch)")
        facts.add("verdict", "\(stored.words), in block \(stored.block)")
        var text = facts.text
        for reason in stored.reasons.list { text += "  \(reason): \(reason.meaning)\n" }
        if stored.outcome != .adopted { text += "  \(stored.outcome): \(stored.outcome.meaning)\n" }
        var table = TextTable(["PLACE", "WITNESS", "SAID", "BUT"], right: [0])
        for witness in witnesses {
            table.add([
                "\(witness.testimony.place)",
                witness.resource.map(session.shown) ?? "not kept since the epoch was settled",
                witness.testimony.said, witness.testimony.reasons.map { "\($0)" }.joined(separator: " "),
            ])
        }
        text += witnesses.isEmpty ? "no witness said anything\n" : table.text(session.style)
        if !stored.kind.keepsTheSilent {
            text += "Only witnesses that answered are in a verdict on coverage; who was drawn and silent is not kept.\n"
        }
        guard let reward else { return text + "paid    not settled yet, or kept no longer\n" }
        return text
            + "paid    \(reward.total) for all \(reward.verdicts) verdicts of the epoch: cairn rewards explain "
            + "\(resource.short) --epoch \(epoch)\n"
    }
}

extension ChallengeKind {
    /// Whether a verdict has a place for those that were drawn and said nothing.
    fileprivate var keepsTheSilent: Bool {
        switch self {
        case .sealedRound, .hotRound: true
        default: false
        }
    }
}
