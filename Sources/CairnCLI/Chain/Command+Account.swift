import CairnBase
import CairnLedger
import CairnStore
import CairnWire

extension Command {
    static let chainAccount = Command(
        path: ["chain", "account"],
        summary: "Show everything the chain knows of an account",
        text: [
            "What it owns, what it has bonded and what is on its way back, which key signs for it, and whether it is a "
                + "candidate. Without an account it is the one of this home's key."
        ],
        arguments: [
            Argument(name: "ACCOUNT", summary: "Whose account", value: .text("ACCOUNT"), isRequired: false)
        ],
        flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn chain account cn1…", "Shows it as it is now."),
            Example("cairn chain account cn1… --at 1000 --json", "Shows it after block 1000, for a script."),
        ],
        exits: ChainFlags.exits + [.locked],
        run: { session throws(Failure) in
            let id = try session.wantedAccount()
            let chain = try session.chain()
            let found = try chain.load(RecordKey<Account>.account(id))
            let stake = try chain.load(RecordKey<Stake>.stake(id))
            guard found != nil || stake != nil else {
                throw Failure(.notOnChain, "account \(id.text) owns nothing and never did")
            }
            let account = found ?? Account()
            var facts = Facts()
            facts.add("account", id.text)
            facts.add("height", chain.height.number)
            facts.add("balance", account.balance)
            facts.add("nonce", account.nonce)
            facts.add("bonded", stake?.bonded ?? .zero)
            let leaving = stake?.unbonding ?? []
            facts.add(
                "unbonding",
                .array(
                    leaving.map { ["amount_units": JSON($0.amount.units), "free_at": JSON($0.release.number)] }),
                leaving.isEmpty ? nil : leaving.map { "\($0.amount) at block \($0.release)" }.joined(separator: ", "))
            facts.add("key", account.key(of: id, at: chain.height).description)
            if let rotation = account.rotation, rotation.start > chain.height {
                facts.add("next_key", "\(rotation.key) from block \(rotation.start)")
            }
            let validator = try chain.load(RecordKey<Validator>.validator(id))
            facts.add(
                "candidate", .bool(validator?.isCandidate ?? false), validator?.isCandidate == true ? "yes" : "no")
            session.answer(facts.members, facts.text)
            return .ok
        })

    static let chainSupply = Command(
        path: ["chain", "supply"],
        summary: "Show where every token is",
        text: ["The parts sum to the cap, after every block."],
        flags: [ChainFlags.at.declaration],
        examples: [
            Example("cairn chain supply", "Shows the table."), Example("cairn chain supply --json", "For a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            var entries: [StateChange] = []
            for table in SupplyTable.tables { entries += try chain.entries(of: table) }
            let supply: SupplyTable
            do throws(StateError) {
                supply = try SupplyTable(entries)
            } catch {
                throw Failure(StoreError(error))
            }
            guard supply.total == .cap else {
                throw Failure(
                    .chainDamaged, "the parts sum to \(supply.total.map { "\($0)" } ?? "more"), not to the cap")
            }
            var table = TextTable(["PART", "TOKENS", ""], right: [1])
            for (part, amount) in supply.parts { table.add([part.rawValue, "\(amount)", part.meaning]) }
            table.add(["all", "\(Amount.cap)", "the cap"])
            let parts = supply.parts.map { JSON.Member("\($0.part)", JSON($0.amount.units)) }
            session.answer(
                [
                    .init("height", JSON(chain.height.number)), .init("parts", .object(parts)),
                    .init("cap", JSON(Amount.cap.units)),
                ], table.text(session.style))
            return .ok
        })

    private static let epoch = Flag.integer(
        "epoch", "N", in: 0...UInt64.max, "Of that epoch; the current one unless told")

    static let chainCommittee = Command(
        path: ["chain", "committee"],
        summary: "Show the validators of an epoch",
        text: [
            "Weights are what was bonded when the list was fixed, an epoch before. A member that misses more of its views than "
                + "missedViewsPPM leaves the list. The committee of the next epoch is known already; old ones are kept as long "
                + "as their members are liable."
        ],
        flags: [epoch.declaration, ChainFlags.at.declaration],
        examples: [
            Example("cairn chain committee", "Shows those who decide now."),
            Example("cairn chain committee --epoch 12 --json", "Shows those of epoch 12, for a script."),
        ],
        exits: ChainFlags.exits,
        run: { session throws(Failure) in
            let chain = try session.chain()
            let current = try chain.now().epoch
            let wanted = session.invocation[epoch].map { Epoch($0) } ?? current
            guard let committee = try chain.load(RecordKey<Committee>.committee(wanted)) else {
                throw Failure(.notOnChain, "the committee of epoch \(wanted) is not fixed yet, or kept no longer")
            }
            let counts = try chain.load(RecordKey<Attendance>.attendance(wanted))?.counts
            let all = committee.members.reduce(UInt64(0)) { $0 + $1.weight }
            var table = TextTable(
                ["SEAT", "ACCOUNT", "NODE", "BOND", "SHARE", "MET", "MISSED"], right: [0, 3, 4, 5, 6])
            var rows: [JSON] = []
            for (seat, member) in committee.members.enumerated() {
                let views = counts.flatMap { $0.indices.contains(seat) ? $0[seat] : nil }
                table.add([
                    "\(seat)", session.shown(member.account), shortened(member.keys.node.peerID),
                    "\(Amount(units: member.weight))", permille(member.weight, of: all),
                    views.map { "\($0.met)" } ?? "",
                    views.map { "\($0.missed)" } ?? "",
                ])
                rows.append([
                    "seat": JSON(seat), "account": .string(member.account.text),
                    "node": .string(member.keys.node.peerID),
                    "vote_key": .string("\(member.keys.vote)"), "weight": JSON(member.weight),
                    "met": views.map { JSON($0.met) } ?? .null, "missed": views.map { JSON($0.missed) } ?? .null,
                ])
            }
            session.answer(
                [
                    .init("height", JSON(chain.height.number)), .init("epoch", JSON(wanted.number)),
                    .init("weight", JSON(all)), .init("members", .array(rows)),
                ], "epoch \(wanted)\n" + table.text(session.style))
            return .ok
        })
}

/// A part of a whole with one digit behind the point: `33.3 %`.
func permille(_ part: UInt64, of whole: UInt64) -> String {
    let thousandths = part.times(1000, over: max(1, whole)) ?? 0
    return "\(thousandths / 10).\(thousandths % 10) %"
}
