import CairnBase
import CairnCrypto
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
            "Hands the oldest evidence that the chain has not punished, or the oldest against VALIDATOR, to the chain, in the name of this home's account, which "
                + "earns reporterPPM of what the offender loses. Any account but the offender's own may. Evidence is good as long "
                + "as the bond behind it is at risk. What the chain would refuse is passed over."
        ],
        arguments: [
            Argument(
                name: "VALIDATOR", summary: "Whom to report: its vote key, or how that begins", value: .text("KEY"),
                isRequired: false)
        ],
        flags: ActionFlags.all,
        examples: [
            Example("cairn validator accuse --wait", "Reports one and waits for the block."),
            Example("cairn validator accuse --key savings --json", "In another account's name, for a script."),
        ],
        exits: ActionFlags.exits,
        run: { session throws(Failure) in
            let own = AccountID(try session.ownAccount().publicKey)
            let wanted = session.invocation.argument(0) ?? ""
            let open = try session.evidence().filter { $0.isOpen(to: own) }
            guard let evidence = open.first(where: { "\($0.contradiction.key)".hasPrefix(wanted) }) else {
                let whom = wanted.isEmpty ? "no validator" : "no validator \(quoted(wanted))"
                throw Failure(
                    .notOnChain, "this node knows of \(whom) that voted twice and that this account can report",
                    do: Hint("cairn validator evidence", "lists what it has seen"))
            }
            return try session.carryOut { _, _ throws(Failure) in .accuse(evidence.contradiction) }
        })
}

/// What a node has seen of a validator, beside what the chain has made of it.
private struct SeenEvidence {
    let contradiction: Contradiction
    let punishment: Punishment?
    /// Whose key it was, while the chain still knows who sat in that committee.
    let offender: AccountID?
    let isSigned: Bool

    /// Whether the chain would take it from this account; one entry that it refuses must not stand before the others.
    func isOpen(to reporter: AccountID) -> Bool {
        guard punishment == nil, isSigned, let offender else { return false }
        return offender != reporter
    }

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
        let genesis = try GenesisFile.read(home.genesisFile)
        let verifier = Verifier(chain: genesis.chain(using: Blake2b()))
        return try known.map { contradiction throws(Failure) in
            let committee = try chain.load(RecordKey<Committee>.committee(contradiction.epoch))
            return SeenEvidence(
                contradiction: contradiction,
                punishment: try chain.load(.punishment(of: contradiction.key, in: contradiction.epoch)),
                offender: committee.flatMap { seats in
                    seats.index(of: contradiction.key).map { seats.members[$0].account }
                }, isSigned: contradiction.isSigned(verifier))
        }
    }
}

extension Contradiction {
    /// Whether both votes are its validator's.
    func isSigned(_ verifier: Verifier) -> Bool {
        signatures.allSatisfy { verifier.verify(Claim(VoteInside($0), by: $0.signer)) != nil }
    }

    private struct VoteInside: Signed {
        let domain: DomainTag
        let signedBody: [UInt8]
        let signature: Signature

        init(_ enclosed: EnclosedSignature) {
            (domain, signedBody, signature) = (enclosed.domain, enclosed.body, enclosed.signature)
        }
    }
}
