import CairnBase
import CairnLedger
import CairnWire

extension Noun {
    static let validator = Noun(
        name: "validator", summary: "See who decides, and take part in it",
        commands: [
            .validatorList, .validatorBond, .validatorUnbond, .validatorWithdraw, .validatorApply, .validatorResign,
            .validatorEvidence, .validatorAccuse,
        ])
}

extension Command {
    static let validatorList = Command(
        path: ["validator", "list"],
        summary: "List the candidates and who sits in the committee",
        text: [
            "The heaviest bonds among those with at least candidateBondMin sit in the committee two epochs later. Seats are "
                + "those of this epoch and the next."
        ],
        flags: [ChainFlags.at.declaration] + ChainFlags.paged,
        examples: [
            Example("cairn validator", "Shows them, heaviest first."),
            Example("cairn validator list --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let (_, epoch) = try chain.now()
            let seated = try [epoch, epoch.next].map { epoch throws(Failure) in
                Set(try chain.load(RecordKey<Committee>.committee(epoch))?.members.map(\.account) ?? [])
            }
            var candidates: [(account: AccountID, bonded: Amount, keys: ValidatorKeys)] = []
            for account in try chain.load(RecordKey<CandidateList>.candidates)?.accounts ?? [] {
                let stake = try chain.load(RecordKey<Stake>.stake(account))
                guard let validator = try chain.load(RecordKey<Validator>.validator(account)) else { continue }
                candidates.append((account, stake?.bonded ?? .zero, validator.keys))
            }
            candidates.sort { ($1.bonded, $0.account) < ($0.bonded, $1.account) }
            var table = TextTable(["ACCOUNT", "NODE", "BONDED", "SEAT NOW", "SEAT NEXT"], right: [2])
            var rows: [JSON] = []
            for candidate in session.page(of: candidates) {
                let seats = seated.map { $0.contains(candidate.account) }
                table.add(
                    [
                        session.shown(candidate.account), shortened(candidate.keys.node.peerID), "\(candidate.bonded)",
                    ] + seats.map { $0 ? "yes" : "no" })
                rows.append([
                    "account": .string(candidate.account.text), "node": .string(candidate.keys.node.peerID),
                    "vote_key": .string("\(candidate.keys.vote)"), "bonded_units": JSON(candidate.bonded.units),
                    "seat_now": .bool(seats[0]), "seat_next": .bool(seats[1]),
                ])
            }
            session.answer(
                [.init("height", JSON(chain.height.number)), .init("epoch", JSON(epoch.number))]
                    + pageMembers("candidates", rows, of: candidates.count),
                candidates.isEmpty ? "no candidates\n" : table.text(session.style))
            return .ok
        })
}
