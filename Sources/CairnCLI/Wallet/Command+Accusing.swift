import CairnBase
import CairnLedger
import CairnRuntime
import CairnWire

extension Command {
    static let validatorEvidence = Command(
        path: ["validator", "evidence"],
        summary: "List the validators that this node has seen vote twice",
        text: [
            "Each is two votes under one key that no honest validator signs: two blocks in one view, or a view both skipped and "
                + "finalized. The node keeps them until you report them; whether the chain has punished one is in the last column."
        ],
        examples: [
            Example("cairn validator evidence", "Shows what is known."),
            Example("cairn validator evidence --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            var table = TextTable(["VALIDATOR", "EPOCH", "VIEW", "SIGNED", "SLASHED"], right: [1, 2, 4])
            var rows: [JSON] = []
            let known = try session.evidence()
            for evidence in known {
                let (said, slashed) = (evidence.said, evidence.punishment?.slashed)
                table.add([
                    session.shown(evidence.contradiction.key), "\(evidence.contradiction.epoch)",
                    "\(evidence.contradiction.view)", said, slashed.map { "\($0)" } ?? "not yet",
                ])
                rows.append([
                    "vote_key": .string("\(evidence.contradiction.key)"),
                    "epoch": JSON(evidence.contradiction.epoch.number),
                    "view": JSON(evidence.contradiction.view.number), "signed": .string(said),
                    "slashed_units": slashed.map { JSON($0.units) } ?? .null,
                ])
            }
            session.answer(
                [.init("evidence", .array(rows))],
                known.isEmpty ? "no validator was seen to vote twice\n" : table.text(session.style))
            return .ok
        })

    static let validatorAccuse = Command(
        path: ["validator", "accuse"],
        summary: "Report a validator that voted twice",
        text: [
            "Hands the oldest evidence that the chain has not punished to the chain, in the name of this home's account, which "
                + "earns reporterPPM of what the offender loses. Any account but the offender's own may. Evidence is good as long "
                + "as the bond behind it is at risk."
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator accuse --wait", "Reports one and waits for the block."),
            Example("cairn validator accuse --key savings --json", "In another account's name, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            guard let evidence = try session.evidence().first(where: \.isOpen) else {
                throw Failure(
                    .notOnChain, "this node knows of no validator that voted twice and is still to be punished",
                    do: Hint("cairn validator evidence", "lists what it has seen"))
            }
            return try session.carryOut { _, _ throws(Failure) in .accuse(evidence.contradiction) }
        })
}

/// What a node has seen of a validator, beside what the chain has made of it.
private struct SeenEvidence {
    let contradiction: Contradiction
    let punishment: Punishment?
    /// The chain still knows who sat in that committee.
    let isInTime: Bool

    var isOpen: Bool { punishment == nil && isInTime }

    var said: String {
        switch (contradiction.first.kind, contradiction.second.kind) {
        case (.nullify, _): "a view skipped and finalized"
        case (.finalize, _): "two blocks finalized"
        default: "two blocks notarized"
        }
    }
}

extension Session {
    /// Of the home that a command means, oldest first.
    fileprivate func evidence() throws(Failure) -> [SeenEvidence] {
        let home = try NodeFinder(self).home()
        let chain = try ChainView(home)
        let known: [Contradiction]
        do throws(EvidenceFile.Refusal) {
            known = try EvidenceFile(home: home.path).read()
        } catch {
            switch error {
            case .file(let error): throw Failure(.cannotRead, "the evidence in \(home.path) cannot be read: \(error)")
            case .damaged(let what): throw Failure(.chainDamaged, "damaged: \(what)")
            case .full: throw Failure(.cannotRead, "there is more evidence than can be kept")
            }
        }
        return try known.map { contradiction throws(Failure) in
            SeenEvidence(
                contradiction: contradiction,
                punishment: try chain.load(.punishment(of: contradiction.key, in: contradiction.epoch)),
                isInTime: try chain.load(RecordKey<Committee>.committee(contradiction.epoch)) != nil)
        }
    }
}
